"""POST /orders/{id}/cancel."""

from datetime import timedelta

import pytest

from core.ports.errors import GatewayUnavailable
from db.models import OrderState
from tests.integration.orders.gateways import FakeGateway
from tests.integration.orders.shop import Shop, at_once


def test_a_pending_order_is_cancelled_once(shop: Shop, gateway: FakeGateway) -> None:
    buyer = shop.person()
    order = buyer.ordered(shop.course())
    for _ in range(2):
        answer = buyer.http.post(f"/orders/{order['id']}/cancel")
        assert (answer.status_code, answer.json()) == (200, {**order, "state": "cancelled"})
    assert shop.tags(order["id"]) == ["orders:order:placed", "orders:order:cancelled"]
    assert gateway.expired == []


def test_its_checkout_is_closed(shop: Shop, gateway: FakeGateway) -> None:
    buyer = shop.person()
    order_id = buyer.ordered(shop.service())["id"]
    checkout = buyer.checkout(order_id).json()["session_id"]
    assert buyer.http.post(f"/orders/{order_id}/cancel").status_code == 200
    assert gateway.expired == [checkout]


def test_it_is_cancelled_even_when_the_provider_does_not_answer(shop: Shop, gateway: FakeGateway) -> None:
    buyer = shop.person()
    order_id = buyer.ordered(shop.service())["id"]
    checkout = buyer.checkout(order_id).json()["session_id"]
    gateway.fault = GatewayUnavailable("down")
    assert buyer.http.post(f"/orders/{order_id}/cancel").json()["state"] == "cancelled"
    gateway.fault = None
    assert buyer.http.post(f"/orders/{order_id}/cancel").status_code == 200
    assert gateway.expired == [checkout]


@pytest.mark.parametrize("state", ["processing", "paid", "fulfilled", "review", "expired", "refunded"])
def test_any_other_order_is_not_cancelled(shop: Shop, gateway: FakeGateway, state: OrderState) -> None:
    buyer = shop.person()
    order_id = buyer.ordered(shop.service())["id"]
    shop.set_order(order_id, state=state, review_reason="wrong amount" if state == "review" else None)
    before = shop.counts()
    answer = buyer.http.post(f"/orders/{order_id}/cancel", headers={"Idempotency-Key": "once"})
    assert (answer.status_code, answer.json()["code"]) == (409, "order_not_cancellable")
    assert state in answer.json()["detail"]
    assert (shop.order_row(order_id).state, shop.counts(), gateway.expired) == (state, before, [])


@pytest.mark.parametrize("role", ["member", "teacher", "admin"])
def test_only_the_buyer_cancels(shop: Shop, role: str) -> None:
    order_id = shop.person().ordered(shop.service())["id"]
    stranger = shop.person("admin" if role == "admin" else "teacher" if role == "teacher" else "member")
    assert stranger.http.post(f"/orders/{order_id}/cancel").status_code == 404
    assert shop.visitor().post(f"/orders/{order_id}/cancel").status_code == 401
    assert (shop.order_row(order_id).state, shop.tags(order_id)) == ("pending", ["orders:order:placed"])


def test_cancelling_at_once_cancels_once(shop: Shop) -> None:
    buyer = shop.person()
    order_id = buyer.ordered(shop.service())["id"]
    answers = at_once(*[lambda: buyer.http.post(f"/orders/{order_id}/cancel")] * 5)
    assert {answer.status_code for answer in answers} == {200}
    assert shop.tags(order_id).count("orders:order:cancelled") == 1


def test_one_key_cancels_one_order(shop: Shop) -> None:
    buyer = shop.person()
    first, second = (buyer.ordered(shop.service())["id"] for _ in range(2))
    key = {"Idempotency-Key": "cancel"}
    answers = [buyer.http.post(f"/orders/{first}/cancel", headers=key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    other = buyer.http.post(f"/orders/{second}/cancel", headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert shop.order_row(second).state == "pending"


def test_an_order_past_its_time_can_still_be_cancelled(shop: Shop) -> None:
    buyer = shop.person()
    order_id = buyer.ordered(shop.service())["id"]
    shop.set_order(order_id, expires_at=shop.clock() - timedelta(minutes=1))
    assert buyer.http.post(f"/orders/{order_id}/cancel").status_code == 200
