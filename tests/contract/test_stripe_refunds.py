"""Refunds of the emulator through the official SDK."""

import pytest
import stripe

from tests.contract.checkouts import (
    control,
    events_about,
    open_session,
    paid_charge,
    paid_intent,
    pay_by_card,
    session_of,
)
from tests.contract.conftest import StripeEmulator

UPDATED = ["refund.updated", "charge.refund.updated"]


def paid_by_debit(emulator: StripeEmulator) -> str:
    session_id = open_session(emulator)
    form = {"method": "sepa_debit", "iban": "AT611904300234573201"}
    assert emulator.http.post(f"/pay/{session_id}", data=form).status_code == 303
    return control(emulator, f"sessions/{session_id}/settle", outcome="succeeded")["id"]


def test_refunds_never_exceed_the_payment(emulator: StripeEmulator) -> None:
    refunds = emulator.sdk.v1.refunds
    intent = paid_intent(emulator)
    first = refunds.create({"payment_intent": intent, "amount": 28_000, "reason": "requested_by_customer"})
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        refunds.create({"payment_intent": intent, "amount": 200_001})
    second = refunds.create({"payment_intent": intent})
    assert (first.amount, second.amount, second.status) == (28_000, 200_000, "succeeded")
    with pytest.raises(stripe.InvalidRequestError) as rejected:
        refunds.create({"payment_intent": intent})
    assert rejected.value.code == "charge_already_refunded"
    assert [found.id for found in refunds.list({"payment_intent": intent}).data] == [second.id, first.id]
    assert refunds.retrieve(first.id).amount == 28_000


def test_a_refund_emits_two_events(emulator: StripeEmulator) -> None:
    refund = emulator.sdk.v1.refunds.create({"payment_intent": paid_intent(emulator), "amount": 1_000})
    charge, created = emulator.sdk.v1.events.list({"limit": 2}).data
    assert (charge.type, created.type) == ("charge.refunded", "refund.created")
    assert created.data.object["id"] == refund.id
    assert charge.data.object["amount_refunded"] == 1_000
    assert charge.data.to_dict()["previous_attributes"] == {"amount_refunded": 0}


def test_an_unpaid_intent_has_nothing_to_refund(emulator: StripeEmulator) -> None:
    session_id = open_session(emulator)
    pay_by_card(emulator, session_id, "4000000000000002")
    intent = session_of(emulator, session_id)["payment_intent"]
    with pytest.raises(stripe.InvalidRequestError, match="successful charge"):
        emulator.sdk.v1.refunds.create({"payment_intent": intent})


def test_a_refund_by_charge_keeps_the_charge_exact(emulator: StripeEmulator) -> None:
    v1 = emulator.sdk.v1
    charge = paid_charge(emulator)
    v1.refunds.create({"charge": charge.id, "amount": 100_000})
    part = v1.charges.retrieve(charge.id)
    assert (part.amount_refunded, part.refunded) == (100_000, False)
    v1.refunds.create({"charge": charge.id})
    whole = v1.charges.retrieve(charge.id)
    assert (whole.amount_refunded, whole.refunded) == (228_000, True)
    assert events_about(emulator, charge.id)[-2:] == ["charge.refunded", "charge.refunded"]


def test_a_refunds_metadata_is_updated_key_by_key(emulator: StripeEmulator) -> None:
    refunds = emulator.sdk.v1.refunds
    refund = refunds.create({"payment_intent": paid_intent(emulator), "metadata": {"a": "1", "b": "2"}})
    updated = refunds.update(refund.id, {"metadata": {"b": "", "c": "3"}})
    assert updated.to_dict()["metadata"] == {"a": "1", "c": "3"}
    assert events_about(emulator, refund.id) == ["refund.created", *UPDATED]


def test_a_refund_of_a_bank_debit_is_pending_first(emulator: StripeEmulator) -> None:
    refund = emulator.sdk.v1.refunds.create({"payment_intent": paid_by_debit(emulator)})
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    control(emulator, f"refunds/{refund.id}/settle", outcome="succeeded")
    assert emulator.sdk.v1.refunds.retrieve(refund.id).status == "succeeded"
    assert events_about(emulator, refund.id) == ["refund.created", *UPDATED]


def test_a_failed_refund_can_be_repeated(emulator: StripeEmulator) -> None:
    v1 = emulator.sdk.v1
    charge = paid_charge(emulator)
    refund = v1.refunds.create({"charge": charge.id})
    control(emulator, f"refunds/{refund.id}/settle", outcome="failed")
    failed = v1.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})
    assert (failed.status, failed.failure_reason) == ("failed", "lost_or_stolen_card")
    assert isinstance(failed.failure_balance_transaction, stripe.BalanceTransaction)
    assert failed.failure_balance_transaction.amount == 228_000
    assert events_about(emulator, refund.id) == ["refund.created", "refund.failed", *UPDATED]
    again = v1.charges.retrieve(charge.id)
    assert (again.amount_refunded, again.refunded) == (0, False)
    assert v1.refunds.create({"charge": charge.id}).amount == 228_000
    error = control(emulator, f"refunds/{refund.id}/settle", 400, outcome="failed")["error"]
    assert "its status is failed" in error["message"]


def test_only_a_refund_that_waits_for_the_buyer_is_canceled(emulator: StripeEmulator) -> None:
    v1 = emulator.sdk.v1
    refund = v1.refunds.create({"payment_intent": paid_by_debit(emulator)})
    with pytest.raises(stripe.InvalidRequestError, match="its status is pending"):
        v1.refunds.cancel(refund.id)
    control(emulator, f"refunds/{refund.id}/settle", outcome="requires_action")
    assert v1.refunds.cancel(refund.id).status == "canceled"
    assert isinstance(refund.charge, str)
    assert v1.charges.retrieve(refund.charge).amount_refunded == 0


@pytest.mark.parametrize("number", ["4000000000007726", "4000000000005126"])
def test_the_refund_cards_decide_the_first_status(emulator: StripeEmulator, number: str) -> None:
    refund = emulator.sdk.v1.refunds.create({"payment_intent": paid_intent(emulator, number)})
    assert refund.status == {"7726": "pending", "5126": "succeeded"}[number[-4:]]


def test_an_unknown_refund_is_not_found(emulator: StripeEmulator) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="No such refund: 're_unknown'"):
        emulator.sdk.v1.refunds.retrieve("re_unknown")


def test_the_dashboard_refunds_a_part_of_a_charge(emulator: StripeEmulator) -> None:
    charge = paid_charge(emulator)
    refund = control(emulator, f"charges/{charge.id}/refund", amount=5_000)
    assert [found.id for found in emulator.sdk.v1.refunds.list({"charge": charge.id}).data] == [refund["id"]]
    assert emulator.sdk.v1.charges.retrieve(charge.id).amount_refunded == 5_000
