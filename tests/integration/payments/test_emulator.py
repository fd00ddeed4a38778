"""POST /payments/stripe/create-session against the emulator, through Stripe's own SDK."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.contract.conftest import StripeEmulator
from tests.contract.requests import pay_by_card, session_of
from tests.integration.orders.shop import Person, Shop, at_once


def _order(shop: Shop, buyer: Person) -> str:
    return buyer.ordered(shop.course(49_900), shop.service(80_000, quantity=2))["id"]


def _sessions(emulator: StripeEmulator, order_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = emulator.http.get("/v1/checkout/sessions", params={"limit": "100"}).json()["data"]
    return [session for session in found if session["client_reference_id"] == order_id]


def test_the_hosted_page_gets_what_was_ordered(shop: Shop, emulator: StripeEmulator) -> None:
    buyer = shop.person()
    order_id = _order(shop, buyer)
    answer = buyer.checkout(order_id)
    checkout = answer.json()
    assert answer.status_code == 200, answer.text
    assert checkout["url"].startswith(emulator.base)
    assert checkout["client_secret"] is None
    session = session_of(emulator, checkout["session_id"])
    assert (session["amount_total"], session["currency"], session["status"]) == (209_900, "sek", "open")
    assert session["metadata"] == {"order_id": order_id}
    assert session["customer_email"] == buyer.email
    assert session["success_url"] == f"{shop.settings.public_url}/thanks?order={order_id}"
    assert shop.open_checkout(order_id) == checkout["session_id"]
    assert shop.tags(order_id) == ["orders:order:placed", "payments:order:checkout_opened"]


def test_elements_get_a_client_secret(shop: Shop, emulator: StripeEmulator) -> None:
    buyer = shop.person()
    checkout = buyer.checkout(_order(shop, buyer), "elements").json()
    assert checkout["client_secret"]
    assert checkout["url"] is None
    assert session_of(emulator, checkout["session_id"])["ui_mode"] == "elements"


@pytest.mark.parametrize("ui_mode", ["elements", "hosted_page"])
def test_asking_again_answers_the_same_open_session(shop: Shop, emulator: StripeEmulator, ui_mode: str) -> None:
    buyer = shop.person()
    order_id = _order(shop, buyer)
    first, again = (buyer.checkout(order_id, ui_mode) for _ in range(2))
    assert (again.status_code, again.json()) == (200, first.json())
    assert len(_sessions(emulator, order_id)) == 1
    assert shop.tags(order_id).count("payments:order:checkout_opened") == 1


def test_two_at_once_give_one_session(shop: Shop, emulator: StripeEmulator) -> None:
    buyer = shop.person()
    order_id = _order(shop, buyer)
    answers = at_once(*[lambda: buyer.checkout(order_id)] * 4)
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.text for answer in answers}) == 1
    assert len(_sessions(emulator, order_id)) == 1
    assert shop.tags(order_id).count("payments:order:checkout_opened") == 1


def test_the_other_way_to_pay_closes_the_first(shop: Shop, emulator: StripeEmulator) -> None:
    buyer = shop.person()
    order_id = _order(shop, buyer)
    modes = ("elements", "hosted_page", "elements")
    ids = [buyer.checkout(order_id, mode).json()["session_id"] for mode in modes]
    assert len(set(ids)) == 3
    assert [session_of(emulator, one)["status"] for one in ids] == ["expired", "expired", "open"]
    assert shop.open_checkout(order_id) == ids[-1]


def test_both_ways_at_once_leave_one_open(shop: Shop, emulator: StripeEmulator) -> None:
    buyer = shop.person()
    order_id = _order(shop, buyer)
    answers = at_once(*[lambda mode=mode: buyer.checkout(order_id, mode) for mode in ("elements", "hosted_page")])
    assert {answer.status_code for answer in answers} <= {200, 409}
    overtaken = [answer for answer in answers if answer.status_code == 409]
    assert all(answer.json()["code"] == "checkout_overtaken" for answer in overtaken)
    assert all(answer.headers["Retry-After"] == "1" for answer in overtaken)
    opened = [session["id"] for session in _sessions(emulator, order_id) if session["status"] == "open"]
    assert opened == [shop.open_checkout(order_id)]


def test_a_session_does_not_outlive_its_order(shop: Shop, emulator: StripeEmulator) -> None:
    buyer = shop.person()
    order_id = _order(shop, buyer)
    expires_at = datetime.fromisoformat(buyer.checkout(order_id).json()["expires_at"])
    left = shop.order_row(order_id).expires_at - expires_at
    assert timedelta() <= left < timedelta(seconds=1)
    assert session_of(emulator, _sessions(emulator, order_id)[0]["id"])["expires_at"] == expires_at.timestamp()


def test_an_order_about_to_end_gets_the_time_a_session_needs(shop: Shop, emulator: StripeEmulator) -> None:
    buyer = shop.person()
    order_id = _order(shop, buyer)
    shop.set_order(order_id, expires_at=shop.clock() + timedelta(minutes=2))
    first, again = (buyer.checkout(order_id) for _ in range(2))
    assert first.status_code == 200, first.text
    assert again.json() == first.json()
    ends = shop.order_row(order_id).expires_at
    assert timedelta(minutes=34) < ends - shop.clock() <= timedelta(minutes=35)
    assert len(_sessions(emulator, order_id)) == 1


def test_cancelling_closes_the_session_at_the_provider(shop: Shop, emulator: StripeEmulator) -> None:
    buyer = shop.person()
    order_id = _order(shop, buyer)
    checkout = buyer.checkout(order_id).json()
    assert buyer.http.post(f"/orders/{order_id}/cancel").status_code == 200
    assert session_of(emulator, checkout["session_id"])["status"] == "expired"
    assert pay_by_card(emulator, checkout["session_id"]).status_code >= 400


def test_cancelling_after_it_was_paid_leaves_the_session_paid(shop: Shop, emulator: StripeEmulator) -> None:
    buyer = shop.person()
    order_id = _order(shop, buyer)
    checkout = buyer.checkout(order_id).json()
    assert pay_by_card(emulator, checkout["session_id"]).is_redirect
    # The webhook has not come: for us the order is still pending.
    assert buyer.http.post(f"/orders/{order_id}/cancel").status_code == 200
    assert session_of(emulator, checkout["session_id"])["payment_status"] == "paid"
