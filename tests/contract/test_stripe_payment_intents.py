"""Payment intents and charges of the emulator through the official SDK."""

import pytest
import stripe

from tests.contract.checkouts import control, events_about, open_session, paid_charge, pay_by_card, session_of
from tests.contract.conftest import StripeEmulator

CREATED = "payment_intent.created"


def created(emulator: StripeEmulator, **extra: object) -> stripe.PaymentIntent:
    params = {"amount": 10_000, "currency": "sek", **extra}
    return emulator.sdk.v1.payment_intents.create(params)  # pyright: ignore[reportArgumentType] - one test helper for all


def test_an_intent_is_created_and_confirmed(emulator: StripeEmulator) -> None:
    intent = created(emulator, metadata={"order_id": "7"})
    assert intent.status == "requires_payment_method"
    paid = emulator.sdk.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert (paid.status, paid.amount_received) == ("succeeded", 10_000)
    assert events_about(emulator, intent.id) == [CREATED, "payment_intent.succeeded"]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        emulator.sdk.v1.payment_intents.confirm(intent.id)
    assert refused.value.code == "payment_intent_unexpected_state"


def test_a_declined_card_fails_the_payment(emulator: StripeEmulator) -> None:
    with pytest.raises(stripe.CardError) as declined:
        created(emulator, payment_method="pm_card_chargeDeclined", confirm=True)
    assert declined.value.code == "card_declined"
    intent = emulator.sdk.v1.payment_intents.list({"limit": 1}).data[0]
    assert intent.last_payment_error is not None
    assert (intent.status, intent.last_payment_error.decline_code) == ("requires_payment_method", "generic_decline")
    assert events_about(emulator, intent.id) == [CREATED, "payment_intent.payment_failed"]


@pytest.mark.parametrize(
    ("outcome", "status", "redirect"),
    [("approve", "succeeded", "succeeded"), ("decline", "requires_payment_method", "failed")],
)
def test_3d_secure_waits_for_the_buyer(emulator: StripeEmulator, outcome: str, status: str, redirect: str) -> None:
    back = "https://shop.example/done"
    intent = created(
        emulator, payment_method="pm_card_authenticationRequired", confirm=True, return_url=f"{back}?order=1"
    )
    assert intent.status == "requires_action"
    assert events_about(emulator, intent.id) == [CREATED, "payment_intent.requires_action"]
    assert intent.next_action is not None
    assert intent.next_action.redirect_to_url is not None
    url = str(intent.next_action.redirect_to_url.url)
    assert "100.00\u00a0SEK" in emulator.http.get(url).text
    answer = emulator.http.post(url, data={"outcome": outcome})
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{back}?order=1&payment_intent={intent.id}&")
    assert answer.headers["Location"].endswith(f"redirect_status={redirect}")
    assert emulator.sdk.v1.payment_intents.retrieve(intent.id).status == status
    assert emulator.http.get(url).status_code == 409


def test_a_reserved_amount_is_captured_in_part(emulator: StripeEmulator) -> None:
    intents = emulator.sdk.v1.payment_intents
    intent = created(emulator, capture_method="manual", payment_method="pm_card_visa", confirm=True)
    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("requires_capture", 10_000, 0)
    with pytest.raises(stripe.InvalidRequestError, match="successful charge"):
        emulator.sdk.v1.refunds.create({"payment_intent": intent.id})
    with pytest.raises(stripe.InvalidRequestError, match="greater than the amount you can capture"):
        intents.capture(intent.id, {"amount_to_capture": 10_001})
    captured = intents.capture(intent.id, {"amount_to_capture": 8_000})
    assert (captured.status, captured.amount_received) == ("succeeded", 8_000)
    assert events_about(emulator, intent.id)[1:] == [
        "payment_intent.amount_capturable_updated",
        "payment_intent.succeeded",
    ]
    assert events_about(emulator, str(intent.latest_charge)) == [
        "charge.succeeded",
        "charge.captured",
        "charge.updated",
    ]
    assert emulator.sdk.v1.refunds.create({"payment_intent": intent.id}).amount == 8_000


def test_a_canceled_intent_cannot_be_paid(emulator: StripeEmulator) -> None:
    intents = emulator.sdk.v1.payment_intents
    intent = created(emulator, capture_method="manual", payment_method="pm_card_visa", confirm=True)
    canceled = intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    assert (canceled.status, canceled.cancellation_reason, canceled.amount_capturable) == ("canceled", "abandoned", 0)
    assert events_about(emulator, intent.id)[-1] == "payment_intent.canceled"
    assert emulator.sdk.v1.charges.retrieve(str(intent.latest_charge)).refunded
    with pytest.raises(stripe.InvalidRequestError, match="status of canceled"):
        intents.confirm(intent.id)


def test_a_checkouts_intent_is_not_canceled_before_its_session(emulator: StripeEmulator) -> None:
    session_id = open_session(emulator)
    pay_by_card(emulator, session_id, "4000000000000002")
    intent = session_of(emulator, session_id)["payment_intent"]
    with pytest.raises(stripe.InvalidRequestError, match="created by Checkout"):
        emulator.sdk.v1.payment_intents.cancel(intent)


def test_a_bank_debit_without_a_session_is_settled(emulator: StripeEmulator) -> None:
    method = emulator.sdk.v1.payment_methods.create(
        {
            "type": "sepa_debit",
            "sepa_debit": {"iban": "AT611904300234573201"},
            "billing_details": {"email": "a@b.se", "name": "A"},
        }
    )
    intent = created(emulator, payment_method=method.id, confirm=True)
    assert intent.status == "processing"
    assert emulator.sdk.v1.charges.retrieve(str(intent.latest_charge)).status == "pending"
    assert control(emulator, f"payment_intents/{intent.id}/settle", outcome="failed")["status"] == (
        "requires_payment_method"
    )
    assert events_about(emulator, intent.id) == [
        CREATED,
        "payment_intent.processing",
        "payment_intent.payment_failed",
    ]
    assert events_about(emulator, str(intent.latest_charge)) == ["charge.pending", "charge.failed"]


@pytest.mark.parametrize(
    ("extra", "param"),
    [
        ({"amount": 299}, "amount"),
        ({"customer": "cus_unknown"}, "customer"),
        ({"payment_method": "pm_unknown"}, "payment_method"),
        ({"return_url": "https://shop.example/"}, "return_url"),
        ({"capture_method": "later"}, "capture_method"),
        ({"mandate": "m"}, "mandate"),
    ],
)
def test_an_invalid_parameter_is_rejected_by_name(
    emulator: StripeEmulator, extra: dict[str, object], param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as rejected:
        created(emulator, **extra)
    assert vars(rejected.value)["param"] == param


def test_intents_and_charges_are_listed_by_customer(emulator: StripeEmulator) -> None:
    v1 = emulator.sdk.v1
    customer = v1.customers.create({"email": "buyer@example.com"})
    intent = created(emulator, customer=customer.id, payment_method="pm_card_visa", confirm=True)
    created(emulator, payment_method="pm_card_visa", confirm=True)
    assert [found.id for found in v1.payment_intents.list({"customer": customer.id}).data] == [intent.id]
    assert [found.id for found in v1.charges.list({"customer": customer.id}).data] == [intent.latest_charge]
    assert v1.charges.list({"payment_intent": intent.id}).data[0].id == intent.latest_charge
    updated = v1.payment_intents.update(intent.id, {"metadata": {"a": "1"}, "description": "Course"})
    assert (updated.description, updated.to_dict()["metadata"]) == ("Course", {"a": "1"})


def test_a_charges_balance_transaction_carries_the_fee(emulator: StripeEmulator) -> None:
    v1 = emulator.sdk.v1
    charge = v1.charges.retrieve(paid_charge(emulator).id, {"expand": ["balance_transaction"]})
    movement = charge.balance_transaction
    assert isinstance(movement, stripe.BalanceTransaction)
    assert (movement.amount, movement.fee, movement.net) == (228_000, 3_600, 224_400)
    assert (movement.type, movement.reporting_category, movement.source) == ("charge", "charge", charge.id)
    assert v1.balance_transactions.retrieve(movement.id).net == movement.net
    assert [found.id for found in v1.balance_transactions.list({"source": charge.id}).data] == [movement.id]
    events = v1.events.list({"types": ["charge.succeeded", "charge.updated"], "limit": 2}).data
    assert [event.type for event in events] == ["charge.updated", "charge.succeeded"]
    previous = events[0].data.to_dict()["previous_attributes"]
    assert previous == {"balance_transaction": None}


def test_a_charges_metadata_is_updated(emulator: StripeEmulator) -> None:
    charge = paid_charge(emulator)
    emulator.sdk.v1.charges.update(charge.id, {"metadata": {"checked": "yes"}})
    assert emulator.sdk.v1.charges.retrieve(charge.id).to_dict()["metadata"]["checked"] == "yes"
