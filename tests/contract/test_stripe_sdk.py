"""The official SDK against the emulator: every endpoint, and idempotency."""

from uuid import uuid4

import pytest
import stripe

from tests.contract.checkouts import open_session, paid_intent, pay_by_card
from tests.contract.conftest import StripeEmulator


def test_a_session_is_created_from_product_and_price(emulator: StripeEmulator) -> None:
    v1 = emulator.sdk.v1
    product = v1.products.create({"name": "Course", "metadata": {"course_id": "c1"}})
    price = v1.prices.create({"product": product.id, "currency": "SEK", "unit_amount": 49_500})
    assert (v1.products.retrieve(product.id).name, v1.prices.retrieve(price.id).currency) == ("Course", "sek")
    session = v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": "https://shop.example/done",
            "line_items": [{"price": price.id, "quantity": 3}],
            "expand": ["line_items"],
        }
    )
    assert session.amount_total == 148_500
    assert session.line_items is not None
    assert session.line_items.data[0].description == "Course"
    lines = v1.checkout.sessions.line_items.list(session.id).data
    assert [line.quantity for line in lines] == [3]
    assert product.id in [found.id for found in v1.products.list().data]
    assert price.id in [found.id for found in v1.prices.list().data]


def test_expand_returns_the_charge_of_a_paid_session(emulator: StripeEmulator) -> None:
    session_id = open_session(emulator)
    pay_by_card(emulator, session_id)
    expand = ["payment_intent.latest_charge", "payment_intent.payment_method"]
    session = emulator.sdk.v1.checkout.sessions.retrieve(session_id, {"expand": expand})
    intent = session.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert isinstance(intent.payment_method, stripe.PaymentMethod)
    assert (intent.status, intent.latest_charge.paid) == ("succeeded", True)
    assert emulator.sdk.v1.charges.retrieve(intent.latest_charge.id).amount == intent.amount
    assert intent.id in [found.id for found in emulator.sdk.v1.payment_intents.list().data]


def test_events_are_listed_in_pages_newest_first(emulator: StripeEmulator) -> None:
    paid_intent(emulator)
    paid_intent(emulator)
    page = emulator.sdk.v1.events.list({"limit": 3})
    listed = [event.id for _, event in zip(range(8), page.auto_paging_iter(), strict=False)]
    assert listed == [event.id for event in emulator.sdk.v1.events.list({"limit": 8}).data]
    newest, last = page.data[0], page.data[-1]
    before = emulator.sdk.v1.events.list({"ending_before": last.id, "limit": 2}).data
    assert [event.id for event in before] == [event.id for event in page.data[:2]]
    only = emulator.sdk.v1.events.list({"type": "checkout.session.completed", "limit": 2}).data
    assert [event.type for event in only] == ["checkout.session.completed"] * 2
    group = emulator.sdk.v1.events.list({"type": "payment_intent.*", "limit": 4}).data
    assert {event.type for event in group} == {"payment_intent.created", "payment_intent.succeeded"}
    assert emulator.sdk.v1.events.list({"created": {"gt": newest.created + 60}}).data == []
    assert emulator.sdk.v1.events.list({"created": {"gte": newest.created}, "limit": 1}).data[0].id == newest.id


def test_customers_and_the_account_can_be_read(emulator: StripeEmulator) -> None:
    v1 = emulator.sdk.v1
    customer = v1.customers.create({"email": "buyer@example.com", "name": "B. Uyer"})
    assert v1.customers.retrieve(customer.id).email == "buyer@example.com"
    assert v1.customers.list().data[0].id == customer.id
    assert v1.accounts.retrieve_current().country == "SE"
    assert v1.webhook_endpoints.list().data[0].url == emulator.receiver.url
    before = {amount.currency: amount.amount for amount in v1.balance.retrieve().available}
    paid_intent(emulator)
    after = {amount.currency: amount.amount for amount in v1.balance.retrieve().available}
    assert after["sek"] - before.get("sek", 0) == 228_000 - 3_600


def test_a_repeated_idempotency_key_replays_the_response(emulator: StripeEmulator) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    first = emulator.http.post("/v1/products", data={"name": "Once"}, headers=headers)
    second = emulator.http.post("/v1/products", data={"name": "Once"}, headers=headers)
    assert second.json() == first.json()
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    other = emulator.http.post("/v1/products", data={"name": "Twice"}, headers=headers)
    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")


def test_a_rejected_request_does_not_use_up_its_key(emulator: StripeEmulator) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    assert emulator.http.post("/v1/products", data={"nam": "x"}, headers=headers).status_code == 400
    assert emulator.http.post("/v1/products", data={"name": "x"}, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("token", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
    ],
)
def test_a_declined_card_is_a_card_error_and_is_replayed(
    emulator: StripeEmulator, token: str, code: str, decline_code: str | None
) -> None:
    session_id = open_session(emulator)
    headers = {"Idempotency-Key": str(uuid4())}
    path = f"/v1/payment_pages/{session_id}/confirm"
    first = emulator.http.post(path, data={"payment_method": token}, headers=headers)
    again = emulator.http.post(path, data={"payment_method": token}, headers=headers)
    error = first.json()["error"]
    assert (first.status_code, error["type"], error["code"]) == (402, "card_error", code)
    assert error.get("decline_code") == decline_code
    assert error["payment_intent"]["status"] == "requires_payment_method"
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_payment_page_is_confirmed_only_with_the_right_amount(emulator: StripeEmulator) -> None:
    session_id = open_session(emulator)
    path = f"/v1/payment_pages/{session_id}"
    assert emulator.http.get(path).json()["payment_status"] == "unpaid"
    wrong = {"payment_method": "pm_card_visa", "expected_amount": "1"}
    assert emulator.http.post(f"{path}/confirm", data=wrong).json()["error"]["code"] == "checkout_amount_mismatch"
    right = {"payment_method": "pm_card_visa", "expected_amount": "228000"}
    page = emulator.http.post(f"{path}/confirm", data=right).json()
    assert (page["session_id"], page["status"], page["payment_status"]) == (session_id, "complete", "paid")
    assert page["payment_intent"]["status"] == "succeeded"


def test_sessions_are_listed_by_status(emulator: StripeEmulator) -> None:
    session_id = open_session(emulator)
    sessions = emulator.sdk.v1.checkout.sessions
    assert session_id in [found.id for found in sessions.list({"status": "open"}).data]
    sessions.expire(session_id)
    assert sessions.list({"status": "expired", "limit": 1}).data[0].id == session_id
    with pytest.raises(stripe.InvalidRequestError, match='status in \\["open"\\]'):
        sessions.expire(session_id)


def test_expiring_a_session_cancels_its_payment_intent(emulator: StripeEmulator) -> None:
    session_id = open_session(emulator)
    pay_by_card(emulator, session_id, "4000000000000002")
    emulator.sdk.v1.checkout.sessions.expire(session_id)
    expired, canceled = emulator.sdk.v1.events.list({"limit": 2}).data
    assert (expired.type, canceled.type) == ("checkout.session.expired", "payment_intent.canceled")


def test_only_allowed_payment_methods_are_offered(emulator: StripeEmulator) -> None:
    session = emulator.sdk.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "ui_mode": "elements",
            "allowed_payment_method_types": ["card"],
            "line_items": [
                {
                    "price_data": {"currency": "sek", "product_data": {"name": "x"}, "unit_amount": 1_000},
                    "quantity": 1,
                }
            ],
        }
    )
    assert session.payment_method_types == ["card"]
    response = emulator.http.post(f"/pay/{session.id}", data={"method": "klarna", "email": "a@b.se"})
    assert response.status_code == 422
