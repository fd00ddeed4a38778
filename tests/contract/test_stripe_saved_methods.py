"""Saved payment methods, setup intents and sources of the emulator through the official SDK."""

import pytest
import stripe

from tests.contract.checkouts import events_about
from tests.contract.conftest import StripeEmulator


@pytest.fixture
def customer(emulator: StripeEmulator) -> str:
    return emulator.sdk.v1.customers.create({"email": "buyer@example.com"}).id


def test_a_payment_method_is_attached_updated_and_detached(emulator: StripeEmulator, customer: str) -> None:
    methods = emulator.sdk.v1.payment_methods
    method = methods.attach("pm_card_visa", {"customer": customer})
    assert methods.attach(method.id, {"customer": customer}).customer == customer
    assert [found.id for found in methods.list({"customer": customer, "type": "card"}).data] == [method.id]
    assert methods.update(method.id, {"metadata": {"a": "1"}}).to_dict()["metadata"] == {"a": "1"}
    assert methods.detach(method.id).customer is None
    with pytest.raises(stripe.InvalidRequestError, match="not attached"):
        methods.detach(method.id)
    with pytest.raises(stripe.InvalidRequestError, match="must save"):
        methods.update(method.id, {"metadata": {"a": "2"}})
    kinds = ["payment_method.attached", "payment_method.updated", "payment_method.detached"]
    assert events_about(emulator, method.id) == kinds


def test_a_payment_method_belongs_to_one_customer(emulator: StripeEmulator, customer: str) -> None:
    method = emulator.sdk.v1.payment_methods.attach("pm_card_visa", {"customer": customer})
    other = emulator.sdk.v1.customers.create({}).id
    with pytest.raises(stripe.InvalidRequestError, match="already been attached"):
        emulator.sdk.v1.payment_methods.attach(method.id, {"customer": other})


def test_a_declined_card_is_not_saved(emulator: StripeEmulator, customer: str) -> None:
    with pytest.raises(stripe.CardError) as declined:
        emulator.sdk.v1.payment_methods.attach("pm_card_chargeDeclined", {"customer": customer})
    assert declined.value.code == "card_declined"
    assert emulator.sdk.v1.payment_methods.list({"customer": customer}).data == []


def test_a_card_that_is_declined_later_is_saved(emulator: StripeEmulator, customer: str) -> None:
    method = emulator.sdk.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer})
    with pytest.raises(stripe.CardError, match="declined"):
        emulator.sdk.v1.payment_intents.create(
            {"amount": 5_000, "currency": "sek", "payment_method": method.id, "customer": customer, "confirm": True}
        )


def test_a_setup_intent_saves_a_card(emulator: StripeEmulator, customer: str) -> None:
    intents = emulator.sdk.v1.setup_intents
    intent = intents.create({"customer": customer})
    assert intent.status == "requires_payment_method"
    assert intents.update(intent.id, {"description": "For later"}).description == "For later"
    confirmed = intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert confirmed.status == "succeeded"
    (saved,) = emulator.sdk.v1.payment_methods.list({"customer": customer}).data
    assert saved.id == confirmed.payment_method
    with pytest.raises(stripe.InvalidRequestError) as ended:
        intents.cancel(intent.id)
    assert ended.value.code == "setup_intent_unexpected_state"
    assert events_about(emulator, intent.id) == ["setup_intent.created", "setup_intent.succeeded"]


def test_a_setup_intent_of_a_declined_card_can_be_confirmed_again(emulator: StripeEmulator) -> None:
    intents = emulator.sdk.v1.setup_intents
    with pytest.raises(stripe.CardError, match="declined"):
        intents.create({"payment_method": "pm_card_chargeDeclined", "confirm": True})
    failed = intents.list({"limit": 1}).data[0]
    assert failed.last_setup_error is not None
    assert (failed.status, failed.last_setup_error.code) == ("requires_payment_method", "card_declined")
    assert intents.confirm(failed.id, {"payment_method": "pm_card_visa"}).last_setup_error is None
    kinds = ["setup_intent.created", "setup_intent.setup_failed", "setup_intent.succeeded"]
    assert events_about(emulator, failed.id) == kinds


def test_a_setup_intent_asks_for_3d_secure_and_is_cancelled(emulator: StripeEmulator) -> None:
    intents = emulator.sdk.v1.setup_intents
    intent = intents.create({"payment_method": "pm_card_authenticationRequired", "confirm": True})
    assert intent.status == "requires_action"
    cancelled = intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    assert (cancelled.status, cancelled.cancellation_reason) == ("canceled", "abandoned")
    kinds = ["setup_intent.created", "setup_intent.requires_action", "setup_intent.canceled"]
    assert events_about(emulator, intent.id) == kinds


def test_a_source_is_saved_and_updated(emulator: StripeEmulator, customer: str) -> None:
    sources = emulator.sdk.v1.customers.payment_sources
    source = sources.create(customer, {"source": "tok_visa"})
    sources.update(customer, source.id, {"metadata": {"a": "1"}})
    assert events_about(emulator, source.id) == ["customer.source.created", "customer.source.updated"]
    with pytest.raises(stripe.InvalidRequestError, match="No such token"):
        sources.create(customer, {"source": "tok_unknown"})


@pytest.mark.parametrize("path", ["payment_intents", "setup_intents"])
def test_payment_method_types_are_for_older_versions(emulator: StripeEmulator, path: str) -> None:
    fields = {"payment_method_types[]": "card"} | ({"amount": "5000", "currency": "sek"} if "pay" in path else {})
    older = emulator.http.post(f"/v1/{path}", data=fields, headers={"Stripe-Version": "2026-08-26.dahlia"})
    assert older.json()["payment_method_types"] == ["card"]
    refused = emulator.http.post(f"/v1/{path}", data=fields)
    assert refused.json()["error"]["code"] == "payment_method_types_no_longer_supported"
