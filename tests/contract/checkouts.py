"""Creates and pays checkouts for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

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
        expires_at=datetime.now(UTC) + timedelta(hours=1),
        idempotency_key=key or str(uuid4()),
    )


def open_session(emulator: StripeEmulator, ui_mode: UiMode = "hosted_page", currency: str = "SEK") -> str:
    return emulator.gateway.create_checkout_session(checkout_request(ui_mode, currency)).id


def pay_by_card(emulator: StripeEmulator, session_id: str, number: str = "4242424242424242") -> httpx.Response:
    card = {"method": "card", "number": number, "expiry": "12 / 34", "cvc": "123"}
    return emulator.http.post(f"/pay/{session_id}", data=card)


def session_of(emulator: StripeEmulator, session_id: str) -> dict[str, Any]:
    return emulator.http.get(f"/v1/checkout/sessions/{session_id}").json()


def event_types(emulator: StripeEmulator) -> list[str]:
    events: list[dict[str, Any]] = emulator.http.get("/v1/events", params={"limit": "100"}).json()["data"]
    return [event["type"] for event in reversed(events)]
