"""Creates and pays checkouts for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import stripe

from core.ports.payments import CheckoutRequest, LineItem, UiMode
from tests.contract.conftest import StripeEmulator

RETURN_URL = "https://shop.example/done?session={CHECKOUT_SESSION_ID}"


def checkout_request(ui_mode: UiMode = "hosted_page", currency: str = "SEK", key: str | None = None) -> CheckoutRequest:
    return CheckoutRequest(
        order_id=f"order-{uuid4()}",
        customer_email="buyer@example.com",
        currency=currency,
        items=(LineItem("Watercolour for beginners", 129_000, 1), LineItem("Private lesson", 49_500, 2)),
        ui_mode=ui_mode,
        return_url=RETURN_URL,
        cancel_url="https://shop.example/left",
        expires_at=datetime.now(UTC) + timedelta(hours=1),
        idempotency_key=key or str(uuid4()),
    )


def open_session(emulator: StripeEmulator, ui_mode: UiMode = "hosted_page", currency: str = "SEK") -> str:
    return emulator.gateway.create_checkout_session(checkout_request(ui_mode, currency)).id


def pay_by_card(emulator: StripeEmulator, session_id: str, number: str = "4242424242424242") -> httpx.Response:
    card = {"method": "card", "number": number, "expiry": "12 / 34", "cvc": "123"}
    return emulator.http.post(f"/pay/{session_id}", data=card)


def pay_by_debit(emulator: StripeEmulator, session_id: str) -> httpx.Response:
    """Pay by a bank debit, which settles only when it is told to."""
    return emulator.http.post(f"/pay/{session_id}", data={"method": "sepa_debit", "iban": "AT611904300234573201"})


def session_of(emulator: StripeEmulator, session_id: str) -> dict[str, Any]:
    return emulator.http.get(f"/v1/checkout/sessions/{session_id}").json()


def event_types(emulator: StripeEmulator) -> list[str]:
    events: list[dict[str, Any]] = emulator.http.get("/v1/events", params={"limit": "100"}).json()["data"]
    return [event["type"] for event in reversed(events)]


def paid_intent(emulator: StripeEmulator, number: str = "4242424242424242") -> str:
    session_id = open_session(emulator)
    assert pay_by_card(emulator, session_id, number).status_code == 303
    return session_of(emulator, session_id)["payment_intent"]


def paid_charge(emulator: StripeEmulator, number: str = "4242424242424242") -> stripe.Charge:
    (charge,) = emulator.sdk.v1.charges.list({"payment_intent": paid_intent(emulator, number)}).data
    return charge


def control(emulator: StripeEmulator, path: str, status: int = 200, **fields: object) -> dict[str, Any]:
    response = emulator.http.post(f"/_emulator/{path}", data={name: str(value) for name, value in fields.items()})
    assert response.status_code == status, response.text
    return response.json()


def events_about(emulator: StripeEmulator, object_id: str) -> list[str]:
    """The types of the events about one object, oldest first."""
    events: list[dict[str, Any]] = emulator.http.get("/v1/events", params={"limit": "100"}).json()["data"]
    return [event["type"] for event in reversed(events) if event["data"]["object"]["id"] == object_id]
