"""Lists of the emulator: filters and cursors, and sweeping undelivered events."""

from time import time

import pytest
import stripe

from tests.contract.checkouts import control, open_session, paid_intent, pay_by_card, session_of
from tests.contract.conftest import StripeEmulator

COMPLETED = "checkout.session.completed"
LINE: stripe.params.checkout.SessionCreateParamsLineItem = {
    "price_data": {"currency": "sek", "product_data": {"name": "Course"}, "unit_amount": 10_000},
    "quantity": 1,
}


def test_a_session_is_found_by_its_payment_intent(emulator: StripeEmulator) -> None:
    sessions = emulator.sdk.v1.checkout.sessions
    session_id = open_session(emulator)
    pay_by_card(emulator, session_id)
    intent = session_of(emulator, session_id)["payment_intent"]
    assert [found.id for found in sessions.list({"payment_intent": intent}).data] == [session_id]
    assert [found.id for found in sessions.list({"payment_intent": intent, "status": "complete"}).data] == [session_id]
    assert sessions.list({"payment_intent": intent, "status": "open"}).data == []


@pytest.mark.parametrize("locale", ["auto", "sv", "en-GB"])
def test_a_session_keeps_its_locale(emulator: StripeEmulator, locale: str) -> None:
    params = {"mode": "payment", "success_url": "https://shop.example/", "line_items": [LINE], "locale": locale}
    session = emulator.sdk.v1.checkout.sessions.create(params)  # pyright: ignore[reportArgumentType] - any locale
    assert emulator.sdk.v1.checkout.sessions.retrieve(session.id).locale == locale


def test_an_unknown_locale_is_rejected(emulator: StripeEmulator) -> None:
    params = {"mode": "payment", "success_url": "https://shop.example/", "line_items": [LINE], "locale": "xx"}
    with pytest.raises(stripe.InvalidRequestError, match="Invalid locale"):
        emulator.sdk.v1.checkout.sessions.create(params)  # pyright: ignore[reportArgumentType] - a wrong locale


@pytest.mark.parametrize(
    "resource", ["charges", "customers", "disputes", "events", "payment_intents", "refunds", "checkout.sessions"]
)
def test_every_list_filters_by_creation_time(emulator: StripeEmulator, resource: str) -> None:
    paid_intent(emulator)
    path = f"/v1/{resource.replace('.', '/')}"
    future = {"created[gt]": str(int(time()) + 60)}
    assert emulator.http.get(path, params=future).json()["data"] == []
    past = emulator.http.get(path, params={"created[lte]": str(int(time()) + 60)}).json()["data"]
    assert [found["id"] for found in past] == [found["id"] for found in emulator.http.get(path).json()["data"]]


def test_undelivered_events_are_swept_page_by_page(emulator: StripeEmulator) -> None:
    control(emulator, "deliveries/pause")
    start = int(time())
    intents = [paid_intent(emulator) for _ in range(5)]
    query: stripe.params.EventListParams = {
        "delivery_success": False,
        "types": [COMPLETED, "checkout.session.async_payment_succeeded"],
        "created": {"gte": start - 1},
        "limit": 2,
    }
    swept: list[str] = []
    page = emulator.sdk.v1.events.list(query)
    pages = 1
    while True:
        swept += [event.data.object["payment_intent"] for event in page.data]
        if not page.has_more:
            break
        page = emulator.sdk.v1.events.list({**query, "starting_after": page.data[-1].id})
        pages += 1
    assert swept[:5] == intents[::-1]
    assert pages >= 3
    control(emulator, "deliveries/resume")


def test_an_unknown_cursor_is_rejected(emulator: StripeEmulator) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="No such event"):
        emulator.sdk.v1.events.list({"starting_after": "evt_unknown"})
