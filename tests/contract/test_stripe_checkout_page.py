"""The emulator's checkout and approval pages, used through their forms."""

import pytest

from tests.contract.checkouts import event_types, open_session, pay_by_card, session_of
from tests.contract.conftest import StripeEmulator

CREATED = ["payment_intent.created"]
PAID = ["charge.succeeded", "payment_intent.succeeded", "charge.updated", "checkout.session.completed"]
FAILED = ["charge.failed", "payment_intent.payment_failed"]


@pytest.fixture
def before(emulator: StripeEmulator) -> int:
    return len(event_types(emulator))


def events_of(emulator: StripeEmulator, session_id: str) -> list[str]:
    intent = session_of(emulator, session_id)["payment_intent"]
    events = emulator.http.get("/v1/events", params={"limit": "100"}).json()["data"]
    own = [e for e in events if session_id == e["data"]["object"]["id"] or _belongs(e["data"]["object"], intent)]
    return [event["type"] for event in reversed(own)]


def _belongs(subject: dict[str, object], intent: str) -> bool:
    return intent in (subject["id"], subject.get("payment_intent"))


def test_the_page_shows_the_order_and_the_test_mode(emulator: StripeEmulator) -> None:
    page = emulator.http.get(f"/pay/{open_session(emulator)}").text
    assert "Watercolour for beginners" in page
    assert "2\u202f280.00\u00a0SEK" in page
    assert "Test mode – emulator" in page
    assert "4000 0000 0000 9995" in page


def test_an_approved_card_pays_and_redirects_to_the_return_url(emulator: StripeEmulator) -> None:
    session_id = open_session(emulator)
    response = pay_by_card(emulator, session_id)
    assert response.status_code == 303
    assert response.headers["location"] == f"https://shop.example/done?session={session_id}"
    assert session_of(emulator, session_id)["payment_status"] == "paid"
    assert events_of(emulator, session_id) == CREATED + PAID


def test_an_elements_session_can_be_paid_on_the_page(emulator: StripeEmulator) -> None:
    session_id = open_session(emulator, "elements")
    assert pay_by_card(emulator, session_id).status_code == 303
    assert session_of(emulator, session_id)["status"] == "complete"


@pytest.mark.parametrize(
    ("number", "code", "decline_code", "shown"),
    [
        ("4000000000009995", "card_declined", "insufficient_funds", "insufficient funds"),
        ("4000000000000002", "card_declined", "generic_decline", "was declined"),
        ("4000000000000069", "expired_card", None, "has expired"),
        ("4000000000000127", "incorrect_cvc", None, "security code is incorrect"),
    ],
)
def test_a_declined_card_leaves_the_session_open_for_another(
    emulator: StripeEmulator, number: str, code: str, decline_code: str | None, shown: str
) -> None:
    session_id = open_session(emulator)
    response = pay_by_card(emulator, session_id, number)
    assert response.status_code == 402
    assert shown in response.text
    assert events_of(emulator, session_id) == CREATED + FAILED
    intent = emulator.http.get(f"/v1/payment_intents/{session_of(emulator, session_id)['payment_intent']}").json()
    assert intent["last_payment_error"]["code"] == code
    assert intent["last_payment_error"].get("decline_code") == decline_code
    assert pay_by_card(emulator, session_id).status_code == 303
    assert events_of(emulator, session_id) == CREATED + FAILED + PAID


@pytest.mark.parametrize("method", ["card", "klarna", "paypal"])
@pytest.mark.parametrize("outcome", ["approve", "decline"])
def test_a_payment_that_requires_action_waits_for_approval(emulator: StripeEmulator, method: str, outcome: str) -> None:
    session_id = open_session(emulator)
    form = {"method": method, "number": "4000 0025 0000 3155", "expiry": "01/33", "cvc": "999"}
    response = emulator.http.post(f"/pay/{session_id}", data=form)
    approval = f"/pay/{session_id}/approve"
    assert response.headers["location"] == approval
    assert session_of(emulator, session_id)["status"] == "open"
    assert emulator.http.get(approval).status_code == 200
    response = emulator.http.post(approval, data={"outcome": outcome})
    assert response.status_code == 303
    paid = outcome == "approve"
    assert session_of(emulator, session_id)["status"] == ("complete" if paid else "open")
    pending = [*CREATED, "payment_intent.requires_action"]
    assert events_of(emulator, session_id) == pending + (PAID if paid else FAILED)


@pytest.mark.parametrize(
    ("outcome", "event", "status"),
    [
        ("succeeded", "checkout.session.async_payment_succeeded", "paid"),
        ("failed", "checkout.session.async_payment_failed", "unpaid"),
    ],
)
def test_a_bank_debit_completes_the_session_and_settles_later(
    emulator: StripeEmulator, outcome: str, event: str, status: str
) -> None:
    session_id = open_session(emulator)
    form = {"method": "sepa_debit", "iban": "AT61 1904 3002 3457 3201"}
    assert emulator.http.post(f"/pay/{session_id}", data=form).status_code == 303
    session = session_of(emulator, session_id)
    assert (session["status"], session["payment_status"]) == ("complete", "unpaid")
    assert events_of(emulator, session_id)[-1] == "checkout.session.completed"
    response = emulator.http.post(f"/_emulator/sessions/{session_id}/settle", data={"outcome": outcome})
    assert response.status_code == 200
    assert session_of(emulator, session_id)["payment_status"] == status
    assert events_of(emulator, session_id)[-1] == event


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("number", "4111 1111 1111 1111", "Only the test cards"),
        ("expiry", "13 / 30", "MM / YY"),
        ("expiry", "01 / 20", "has passed"),
        ("cvc", "1", "3 or 4 digits"),
        ("method", "cash", "not offered"),
    ],
)
def test_an_invalid_field_is_named_and_no_payment_is_tried(
    emulator: StripeEmulator, field: str, value: str, shown: str
) -> None:
    session_id = open_session(emulator)
    form = {"method": "card", "number": "4242424242424242", "expiry": "12 / 34", "cvc": "123", field: value}
    response = emulator.http.post(f"/pay/{session_id}", data=form)
    assert response.status_code == 422
    assert shown in response.text
    assert session_of(emulator, session_id)["payment_intent"] is None


def test_a_paid_session_cannot_be_paid_again(emulator: StripeEmulator, before: int) -> None:
    session_id = open_session(emulator)
    pay_by_card(emulator, session_id)
    assert pay_by_card(emulator, session_id).status_code == 409
    assert len(event_types(emulator)) - before <= len(CREATED + PAID)
    assert "Payment complete" in emulator.http.get(f"/pay/{session_id}").text


def test_an_unknown_session_has_no_page(emulator: StripeEmulator) -> None:
    assert emulator.http.get("/pay/cs_test_unknown").status_code == 404


def test_klarna_is_offered_only_in_its_currencies(emulator: StripeEmulator) -> None:
    yen = open_session(emulator, currency="JPY")
    assert 'value="klarna"' not in emulator.http.get(f"/pay/{yen}").text
    assert 'value="klarna"' in emulator.http.get(f"/pay/{open_session(emulator)}").text


def test_a_link_fills_in_a_test_card(emulator: StripeEmulator) -> None:
    page = emulator.http.get(f"/pay/{open_session(emulator)}?card=4000000000000069").text
    assert 'value="4000 0000 0000 0069"' in page
