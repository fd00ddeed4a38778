"""A person's way through the emulator's pay page, by its plain forms."""

import pytest

from tests.contract.conftest import StripeEmulator
from tests.contract.requests import event_types, open_session, pay_by_card, session_of

ALWAYS = ["payment_intent.created"]
PAID = ["charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]
FAILED = ["charge.failed", "payment_intent.payment_failed"]


@pytest.fixture
def before(emulator: StripeEmulator) -> int:
    return len(event_types(emulator))


def events_of(emulator: StripeEmulator, session_id: str) -> list[str]:
    intent = session_of(emulator, session_id)["payment_intent"]
    events = emulator.http.get("/v1/events", params={"limit": "100"}).json()["data"]
    mine = [e for e in events if session_id == e["data"]["object"]["id"] or _belongs(e["data"]["object"], intent)]
    return [event["type"] for event in reversed(mine)]


def _belongs(subject: dict[str, object], intent: str) -> bool:
    return intent in (subject["id"], subject.get("payment_intent"))


def test_the_page_shows_what_is_bought_and_that_it_is_no_real_payment(emulator: StripeEmulator) -> None:
    page = emulator.http.get(f"/pay/{open_session(emulator)}").text
    assert "Watercolour for beginners" in page
    assert "2\u202f280.00\u00a0SEK" in page
    assert "Test mode – emulator" in page
    assert "4000 0000 0000 9995" in page


def test_a_good_card_pays_and_leads_back_to_the_shop(emulator: StripeEmulator) -> None:
    session_id = open_session(emulator)
    answer = pay_by_card(emulator, session_id)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"https://shop.example/done?session={session_id}"
    assert session_of(emulator, session_id)["payment_status"] == "paid"
    assert events_of(emulator, session_id) == ALWAYS + PAID


def test_an_elements_session_can_be_paid_on_the_page_too(emulator: StripeEmulator) -> None:
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
def test_a_bad_card_is_declined_and_another_may_follow(
    emulator: StripeEmulator, number: str, code: str, decline_code: str | None, shown: str
) -> None:
    session_id = open_session(emulator)
    answer = pay_by_card(emulator, session_id, number)
    assert answer.status_code == 402
    assert shown in answer.text
    assert events_of(emulator, session_id) == ALWAYS + FAILED
    intent = emulator.http.get(f"/v1/payment_intents/{session_of(emulator, session_id)['payment_intent']}").json()
    assert intent["last_payment_error"]["code"] == code
    assert intent["last_payment_error"].get("decline_code") == decline_code
    assert pay_by_card(emulator, session_id).status_code == 303
    assert events_of(emulator, session_id) == ALWAYS + FAILED + PAID


@pytest.mark.parametrize("method", ["card", "klarna", "paypal"])
@pytest.mark.parametrize("outcome", ["approve", "decline"])
def test_what_asks_for_approval_waits_for_it(emulator: StripeEmulator, method: str, outcome: str) -> None:
    session_id = open_session(emulator)
    form = {"method": method, "number": "4000 0025 0000 3155", "expiry": "01/33", "cvc": "999"}
    answer = emulator.http.post(f"/pay/{session_id}", data=form)
    approval = f"/pay/{session_id}/approve"
    assert answer.headers["location"] == approval
    assert session_of(emulator, session_id)["status"] == "open"
    assert emulator.http.get(approval).status_code == 200
    answer = emulator.http.post(approval, data={"outcome": outcome})
    assert answer.status_code == 303
    paid = outcome == "approve"
    assert session_of(emulator, session_id)["status"] == ("complete" if paid else "open")
    asked = [*ALWAYS, "payment_intent.requires_action"]
    assert events_of(emulator, session_id) == asked + (PAID if paid else FAILED)


@pytest.mark.parametrize(
    ("outcome", "event", "status"),
    [
        ("succeeded", "checkout.session.async_payment_succeeded", "paid"),
        ("failed", "checkout.session.async_payment_failed", "unpaid"),
    ],
)
def test_a_bank_debit_completes_first_and_settles_later(
    emulator: StripeEmulator, outcome: str, event: str, status: str
) -> None:
    session_id = open_session(emulator)
    form = {"method": "sepa_debit", "iban": "AT61 1904 3002 3457 3201"}
    assert emulator.http.post(f"/pay/{session_id}", data=form).status_code == 303
    session = session_of(emulator, session_id)
    assert (session["status"], session["payment_status"]) == ("complete", "unpaid")
    assert events_of(emulator, session_id)[-1] == "checkout.session.completed"
    settled = emulator.http.post(f"/_emulator/sessions/{session_id}/settle", data={"outcome": outcome})
    assert settled.status_code == 200
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
def test_a_field_filled_in_wrongly_is_named_and_nothing_is_tried(
    emulator: StripeEmulator, field: str, value: str, shown: str
) -> None:
    session_id = open_session(emulator)
    form = {"method": "card", "number": "4242424242424242", "expiry": "12 / 34", "cvc": "123", field: value}
    answer = emulator.http.post(f"/pay/{session_id}", data=form)
    assert answer.status_code == 422
    assert shown in answer.text
    assert session_of(emulator, session_id)["payment_intent"] is None


def test_a_paid_session_cannot_be_paid_again(emulator: StripeEmulator, before: int) -> None:
    session_id = open_session(emulator)
    pay_by_card(emulator, session_id)
    assert pay_by_card(emulator, session_id).status_code == 409
    assert len(event_types(emulator)) - before <= len(ALWAYS + PAID)
    assert "Payment complete" in emulator.http.get(f"/pay/{session_id}").text


def test_an_unknown_session_has_no_page(emulator: StripeEmulator) -> None:
    assert emulator.http.get("/pay/cs_test_unknown").status_code == 404


def test_klarna_is_offered_only_where_it_pays(emulator: StripeEmulator) -> None:
    yen = open_session(emulator, currency="JPY")
    assert 'value="klarna"' not in emulator.http.get(f"/pay/{yen}").text
    assert 'value="klarna"' in emulator.http.get(f"/pay/{open_session(emulator)}").text


def test_a_link_fills_the_form_in_with_a_test_card(emulator: StripeEmulator) -> None:
    page = emulator.http.get(f"/pay/{open_session(emulator)}?card=4000000000000069").text
    assert 'value="4000 0000 0000 0069"' in page
