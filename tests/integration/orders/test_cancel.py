"""POST /orders/{id}/cancel."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.ports.errors import GatewayUnavailable
from db.models import Job, OrderState
from tests.support.api_harness import ApiHarness
from tests.support.concurrency import run_concurrently
from tests.support.fake_gateway import FakeGateway


def test_a_pending_order_is_cancelled_once(api: ApiHarness, gateway: FakeGateway) -> None:
    buyer = api.user()
    order = buyer.place_order(api.course())
    for _ in range(2):
        answer = buyer.http.post(f"/orders/{order['id']}/cancel")
        assert (answer.status_code, answer.json()) == (200, {**order, "state": "cancelled", "situation": "cancelled"})
    assert api.audit_tags(order["id"]) == ["orders:order:placed", "orders:order:cancelled"]
    assert gateway.expired == []


def _closing(api: ApiHarness) -> list[object]:
    with api.sessions.begin() as session:
        rows = session.scalars(select(Job.payload).where(Job.kind == "payments.close_checkout").order_by(Job.id))
        return [payload["session_id"] for payload in rows]


def test_cancelling_enqueues_the_closing_of_the_checkout_once(api: ApiHarness, gateway: FakeGateway) -> None:
    buyer = api.user()
    order_id = buyer.place_order(api.service())["id"]
    checkout = buyer.checkout(order_id).json()["session_id"]
    for _ in range(2):
        assert buyer.http.post(f"/orders/{order_id}/cancel").status_code == 200
    assert _closing(api).count(checkout) == 1
    assert gateway.fetched == [checkout]


def test_an_order_is_not_cancelled_while_the_provider_does_not_answer(api: ApiHarness, gateway: FakeGateway) -> None:
    buyer = api.user()
    order_id = buyer.place_order(api.service())["id"]
    checkout = buyer.checkout(order_id).json()["session_id"]
    before, jobs = api.counts(), _closing(api)
    gateway.fault = GatewayUnavailable("down")
    answer = buyer.http.post(f"/orders/{order_id}/cancel", headers={"Idempotency-Key": "again"})
    assert (answer.status_code, answer.json()["code"]) == (503, "payment_provider_unavailable")
    assert answer.headers["Retry-After"] == "5"
    assert (api.order_row(order_id).state, api.counts(), _closing(api)) == ("pending", before, jobs)
    gateway.fault = None
    again = buyer.http.post(f"/orders/{order_id}/cancel", headers={"Idempotency-Key": "again"})
    assert (again.status_code, again.json()["state"]) == (200, "cancelled")
    assert _closing(api) == [*jobs, checkout]


@pytest.mark.parametrize("state", ["processing", "paid", "fulfilled", "expired", "refunded"])
def test_an_order_in_another_state_is_not_cancelled(api: ApiHarness, gateway: FakeGateway, state: OrderState) -> None:
    buyer = api.user()
    order_id = buyer.place_order(api.service())["id"]
    api.set_order(order_id, state=state)
    before = api.counts()
    answer = buyer.http.post(f"/orders/{order_id}/cancel", headers={"Idempotency-Key": "once"})
    assert (answer.status_code, answer.json()["code"]) == (409, "order_not_cancellable")
    assert state in answer.json()["detail"]
    assert (api.order_row(order_id).state, api.counts(), gateway.expired) == (state, before, [])


@pytest.mark.parametrize("role", ["member", "teacher", "admin"])
def test_only_the_buyer_can_cancel_an_order(api: ApiHarness, role: str) -> None:
    order_id = api.user().place_order(api.service())["id"]
    stranger = api.user("admin" if role == "admin" else "teacher" if role == "teacher" else "member")
    assert stranger.http.post(f"/orders/{order_id}/cancel").status_code == 404
    assert api.visitor().post(f"/orders/{order_id}/cancel").status_code == 401
    assert (api.order_row(order_id).state, api.audit_tags(order_id)) == ("pending", ["orders:order:placed"])


def test_concurrent_cancellations_cancel_once(api: ApiHarness) -> None:
    buyer = api.user()
    order_id = buyer.place_order(api.service())["id"]
    answers = run_concurrently(*[lambda: buyer.http.post(f"/orders/{order_id}/cancel")] * 5)
    assert {answer.status_code for answer in answers} == {200}
    assert api.audit_tags(order_id).count("orders:order:cancelled") == 1


def test_one_key_cancels_one_order(api: ApiHarness) -> None:
    buyer = api.user()
    first, second = (buyer.place_order(api.service())["id"] for _ in range(2))
    key = {"Idempotency-Key": "cancel"}
    answers = [buyer.http.post(f"/orders/{first}/cancel", headers=key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    other = buyer.http.post(f"/orders/{second}/cancel", headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert api.order_row(second).state == "pending"


def test_an_order_past_its_time_can_still_be_cancelled(api: ApiHarness) -> None:
    buyer = api.user()
    order_id = buyer.place_order(api.service())["id"]
    api.set_order(order_id, expires_at=api.clock() - timedelta(minutes=1))
    assert buyer.http.post(f"/orders/{order_id}/cancel").status_code == 200
