"""POST /payments/stripe/create-session against the emulator, with Stripe's SDK."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from api.deps import get_settings
from tests.contract.checkouts import control, pay_by_card, pay_by_debit, session_of
from tests.contract.conftest import StripeEmulator
from tests.support.api_harness import ApiHarness, User
from tests.support.concurrency import run_concurrently


def _order(api: ApiHarness, buyer: User) -> str:
    return buyer.place_order(api.course(49_900), api.service(80_000, quantity=2))["id"]


def _sessions(emulator: StripeEmulator, order_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = emulator.http.get("/v1/checkout/sessions", params={"limit": "100"}).json()["data"]
    return [session for session in found if session["client_reference_id"] == order_id]


def test_the_hosted_page_shows_the_ordered_items(api: ApiHarness, emulator: StripeEmulator) -> None:
    buyer = api.user()
    order_id = _order(api, buyer)
    answer = buyer.checkout(order_id)
    checkout = answer.json()
    assert answer.status_code == 200, answer.text
    assert checkout["url"].startswith(emulator.base)
    assert checkout["client_secret"] is None
    session = session_of(emulator, checkout["session_id"])
    assert (session["amount_total"], session["currency"], session["status"]) == (209_900, "sek", "open")
    assert session["metadata"] == {"order_id": order_id}
    assert session["customer_email"] == buyer.email
    assert session["success_url"] == f"{api.settings.public_url}/thanks?session_id={{CHECKOUT_SESSION_ID}}"
    assert session["cancel_url"] == f"{api.settings.public_url}/cancelled?order={order_id}"
    assert api.open_checkout(order_id) == checkout["session_id"]
    assert api.audit_tags(order_id) == ["orders:order:placed", "payments:order:checkout_opened"]


def test_a_free_item_beside_a_priced_one_is_part_of_the_checkout(api: ApiHarness, emulator: StripeEmulator) -> None:
    buyer = api.user()
    order = buyer.place_order(api.course(0), api.service(300))
    answer = buyer.checkout(order["id"])
    assert (order["state"], answer.status_code) == ("pending", 200), answer.text
    assert session_of(emulator, answer.json()["session_id"])["amount_total"] == 300


def test_the_elements_mode_returns_a_client_secret(api: ApiHarness, emulator: StripeEmulator) -> None:
    buyer = api.user()
    checkout = buyer.checkout(_order(api, buyer), "elements").json()
    assert checkout["client_secret"]
    assert checkout["url"] is None
    assert session_of(emulator, checkout["session_id"])["ui_mode"] == "elements"


def test_the_buyer_of_a_paid_session_comes_back_to_the_page_of_the_order(
    api: ApiHarness, emulator: StripeEmulator
) -> None:
    buyer = api.user()
    checkout = buyer.checkout(_order(api, buyer)).json()
    back = pay_by_card(emulator, checkout["session_id"]).headers["location"]
    assert back == f"{api.settings.public_url}/thanks?session_id={checkout['session_id']}"
    page = api.visitor().get(back.removeprefix(api.settings.public_url))
    assert page.status_code == 200
    assert "Critique" in page.text


@pytest.mark.parametrize("ui_mode", ["elements", "hosted_page"])
def test_a_repeated_request_returns_the_open_session(api: ApiHarness, emulator: StripeEmulator, ui_mode: str) -> None:
    buyer = api.user()
    order_id = _order(api, buyer)
    first, again = (buyer.checkout(order_id, ui_mode) for _ in range(2))
    assert (again.status_code, again.json()) == (200, first.json())
    assert len(_sessions(emulator, order_id)) == 1
    assert api.audit_tags(order_id).count("payments:order:checkout_opened") == 1


def test_two_concurrent_requests_give_one_session(api: ApiHarness, emulator: StripeEmulator) -> None:
    buyer = api.user()
    order_id = _order(api, buyer)
    answers = run_concurrently(*[lambda: buyer.checkout(order_id)] * 4)
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.text for answer in answers}) == 1
    assert len(_sessions(emulator, order_id)) == 1
    assert api.audit_tags(order_id).count("payments:order:checkout_opened") == 1


def test_a_request_with_another_ui_mode_closes_the_first_session(api: ApiHarness, emulator: StripeEmulator) -> None:
    buyer = api.user()
    order_id = _order(api, buyer)
    modes = ("elements", "hosted_page", "elements")
    ids = [buyer.checkout(order_id, mode).json()["session_id"] for mode in modes]
    assert len(set(ids)) == 3
    assert [session_of(emulator, one)["status"] for one in ids] == ["expired", "expired", "open"]
    assert api.open_checkout(order_id) == ids[-1]


def test_concurrent_requests_with_both_ui_modes_leave_one_session_open(
    api: ApiHarness, emulator: StripeEmulator
) -> None:
    buyer = api.user()
    order_id = _order(api, buyer)
    answers = run_concurrently(
        *[lambda mode=mode: buyer.checkout(order_id, mode) for mode in ("elements", "hosted_page")]
    )
    assert {answer.status_code for answer in answers} <= {200, 409}
    overtaken = [answer for answer in answers if answer.status_code == 409]
    assert all(answer.json()["code"] == "checkout_overtaken" for answer in overtaken)
    assert all(answer.headers["Retry-After"] == "1" for answer in overtaken)
    opened = [session["id"] for session in _sessions(emulator, order_id) if session["status"] == "open"]
    assert opened == [api.open_checkout(order_id)]


def test_a_session_expires_with_its_order(api: ApiHarness, emulator: StripeEmulator) -> None:
    buyer = api.user()
    order_id = _order(api, buyer)
    expires_at = datetime.fromisoformat(buyer.checkout(order_id).json()["expires_at"])
    left = api.order_row(order_id).expires_at - expires_at
    assert timedelta() <= left < timedelta(seconds=1)
    assert session_of(emulator, _sessions(emulator, order_id)[0]["id"])["expires_at"] == expires_at.timestamp()


def test_an_order_about_to_expire_is_extended_to_the_shortest_session(
    api: ApiHarness, emulator: StripeEmulator
) -> None:
    buyer = api.user()
    order_id = _order(api, buyer)
    api.set_order(order_id, expires_at=api.clock() + timedelta(minutes=2))
    first, again = (buyer.checkout(order_id) for _ in range(2))
    assert first.status_code == 200, first.text
    assert again.json() == first.json()
    ends = api.order_row(order_id).expires_at
    assert timedelta(minutes=34) < ends - api.clock() <= timedelta(minutes=35)
    assert len(_sessions(emulator, order_id)) == 1


def _events(api: ApiHarness, session_id: str) -> list[tuple[str, str, str]]:
    """The stored events about a session, as type, id and kind, with a job each."""
    statement = """
        select e.type, e.event_id, e.data ->> 'kind' from app.webhook_events e
        join app.jobs j on j.kind = 'webhooks.process' and j.payload ->> 'event_id' = cast(e.id as text)
        where e.data ->> 'session_id' = :id
    """
    with api.sessions.begin() as session:
        return [(row[0], row[1], row[2]) for row in session.execute(text(statement), {"id": session_id})]


def _paid_event(session_id: str) -> tuple[str, str, str]:
    return ("checkout.session.completed", f"fetched_{session_id}_paid", "checkout_paid")


@pytest.mark.parametrize("ui_mode", ["elements", "hosted_page"])
def test_a_paid_session_without_its_webhook_is_found_before_another_is_opened(
    api: ApiHarness, emulator: StripeEmulator, ui_mode: str
) -> None:
    buyer = api.user()
    order_id = _order(api, buyer)
    paid = buyer.checkout(order_id).json()["session_id"]
    assert pay_by_card(emulator, paid).is_redirect
    for _ in range(2):
        answer = buyer.checkout(order_id, ui_mode)
        assert (answer.status_code, answer.json()["code"]) == (409, "payment_in_progress")
    assert [session["id"] for session in _sessions(emulator, order_id)] == [paid]
    assert _events(api, paid) == [_paid_event(paid)]


def test_a_bank_debit_without_its_webhook_blocks_another_session(api: ApiHarness, emulator: StripeEmulator) -> None:
    buyer = api.user()
    order_id = buyer.place_order(api.course(49_900, "EUR"))["id"]
    begun = buyer.checkout(order_id).json()["session_id"]
    assert pay_by_debit(emulator, begun).is_redirect
    answer = buyer.checkout(order_id, "elements")
    assert (answer.status_code, answer.json()["code"]) == (409, "payment_in_progress")
    assert _events(api, begun) == [("checkout.session.completed", f"fetched_{begun}_unpaid", "checkout_pending")]


def test_a_failed_bank_debit_blocks_no_other_session(api: ApiHarness, emulator: StripeEmulator) -> None:
    buyer = api.user()
    order_id = buyer.place_order(api.course(49_900, "EUR"))["id"]
    failed = buyer.checkout(order_id).json()["session_id"]
    pay_by_debit(emulator, failed)
    control(emulator, f"sessions/{failed}/settle", outcome="failed")
    told = buyer.checkout(order_id)
    assert (told.status_code, told.json()["code"], told.headers["Retry-After"]) == (409, "payment_in_progress", "5")
    assert _events(api, failed) == [
        ("checkout.session.async_payment_failed", f"fetched_{failed}_failed", "checkout_failed")
    ]
    api.close_checkout(order_id)
    answer = buyer.checkout(order_id)
    assert answer.status_code == 200, answer.text
    assert answer.json()["session_id"] != failed


def test_an_open_session_survives_a_release_with_other_parameters(api: ApiHarness) -> None:
    buyer = api.user()
    order_id = _order(api, buyer)
    first = buyer.checkout(order_id).json()
    moved = api.settings.model_copy(update={"public_url": "https://moved.example"})
    api.app.dependency_overrides[get_settings] = lambda: moved
    # The public URL is the issuer of tokens, so this release has others.
    token = api.token(buyer.id, "member", moved)
    signed_in = User(buyer.id, buyer.email, api.visitor({"Authorization": f"Bearer {token}"}))
    try:
        again = signed_in.checkout(order_id)
    finally:
        del api.app.dependency_overrides[get_settings]
    assert (again.status_code, again.json()) == (200, first)


def test_a_session_that_expired_early_expires_its_order(api: ApiHarness, emulator: StripeEmulator) -> None:
    buyer = api.user()
    order_id = _order(api, buyer)
    session_id = buyer.checkout(order_id).json()["session_id"]
    emulator.gateway.expire_checkout_session(session_id)
    answer = buyer.checkout(order_id)
    assert (answer.status_code, answer.json()["code"]) == (409, "order_expired")
    assert _events(api, session_id) == [
        ("checkout.session.expired", f"fetched_{session_id}_expired", "checkout_expired")
    ]


def test_an_order_whose_session_is_paid_is_not_cancelled(api: ApiHarness, emulator: StripeEmulator) -> None:
    buyer = api.user()
    order_id = _order(api, buyer)
    checkout = buyer.checkout(order_id).json()
    assert pay_by_card(emulator, checkout["session_id"]).is_redirect
    # The webhook has not been delivered: the order is still pending here.
    answer = buyer.http.post(f"/orders/{order_id}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "order_not_cancellable")
    assert api.order_row(order_id).state == "pending"
    assert _events(api, checkout["session_id"]) == [_paid_event(checkout["session_id"])]
