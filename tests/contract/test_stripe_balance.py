"""Payouts, top-ups, available money and cash balances of the emulator through the official SDK."""

import pytest
import stripe

from tests.contract.checkouts import events_about, paid_charge
from tests.contract.conftest import StripeEmulator


def _available(emulator: StripeEmulator, currency: str) -> int:
    amounts = emulator.sdk.v1.balance.retrieve().available
    return sum(one.amount for one in amounts if one.currency == currency)


def test_a_top_up_and_a_payout_move_the_balance(emulator: StripeEmulator) -> None:
    before = _available(emulator, "nok")
    topup = emulator.sdk.v1.topups.create({"amount": 50_000, "currency": "nok"})
    payout = emulator.sdk.v1.payouts.create({"amount": 20_000, "currency": "nok"})
    assert (topup.status, payout.status) == ("succeeded", "paid")
    assert _available(emulator, "nok") == before + 30_000
    emulator.sdk.v1.payouts.update(payout.id, {"metadata": {"a": "1"}})
    assert events_about(emulator, topup.id) == ["topup.created", "topup.succeeded"]
    assert events_about(emulator, payout.id) == ["payout.created", "payout.paid", "payout.updated"]


def test_a_payout_is_at_most_what_is_available(emulator: StripeEmulator) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        emulator.sdk.v1.payouts.create({"amount": _available(emulator, "dkk") + 1, "currency": "dkk"})
    assert refused.value.code == "balance_insufficient"


def test_a_card_that_bypasses_pending_reports_the_balance(emulator: StripeEmulator) -> None:
    def reported() -> int:
        return len(emulator.sdk.v1.events.list({"type": "balance.available", "limit": 100}).data)

    before = reported()
    paid_charge(emulator)
    assert reported() == before
    paid_charge(emulator, "4000000000000077")
    assert reported() == before + 1


def test_a_bank_transfer_funds_the_cash_balance_of_a_customer(emulator: StripeEmulator) -> None:
    customer = emulator.sdk.v1.customers.create({}).id
    balances = emulator.sdk.v1.customers.cash_balance
    assert balances.retrieve(customer).to_dict()["available"] == {}
    for amount in (1_000, 500):
        emulator.sdk.v1.test_helpers.customers.fund_cash_balance(customer, {"amount": amount, "currency": "eur"})
    assert balances.retrieve(customer).to_dict()["available"] == {"eur": 1_500}
    kinds = {"type": "customer_cash_balance_transaction.created", "limit": "2"}
    found = emulator.http.get("/v1/events", params=kinds).json()["data"]
    assert [event["data"]["object"]["ending_balance"] for event in found] == [1_500, 1_000]
