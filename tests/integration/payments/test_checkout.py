"""POST /payments/stripe/create-session: who may, when not, and what a fault leaves behind."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.identity import Role
from core.ports.errors import GatewayError, GatewayRejected, GatewayUnavailable
from db.models import Order, OrderState
from tests.integration.orders.gateways import FakeGateway
from tests.integration.orders.shop import Person, Shop


def _refused(shop: Shop, buyer: Person, order_id: str, state: int, code: str) -> dict[str, Any]:
    before = shop.counts()
    answer = buyer.checkout(order_id, key=uuid4().hex)
    assert (answer.status_code, answer.json()["code"]) == (state, code), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert shop.counts() == before
    return answer.json()


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("processing", "payment_in_progress"),
        ("paid", "order_already_paid"),
        ("fulfilled", "order_already_paid"),
        ("refunded", "order_already_paid"),
        ("review", "order_already_paid"),
        ("cancelled", "order_cancelled"),
        ("expired", "order_expired"),
    ],
)
def test_only_a_pending_order_is_paid(shop: Shop, gateway: FakeGateway, state: OrderState, code: str) -> None:
    buyer = shop.person()
    order_id = buyer.ordered(shop.service())["id"]
    shop.set_order(order_id, state=state, review_reason="wrong amount" if state == "review" else None)
    _refused(shop, buyer, order_id, 409, code)
    assert gateway.opened == {}


def test_an_order_past_its_time_is_refused_before_it_is_expired(shop: Shop, gateway: FakeGateway) -> None:
    buyer = shop.person()
    order_id = buyer.ordered(shop.service())["id"]
    shop.set_order(order_id, expires_at=shop.clock() - timedelta(seconds=1))
    _refused(shop, buyer, order_id, 409, "order_expired")
    assert gateway.opened == {}


@pytest.mark.parametrize("role", ["member", "teacher", "admin"])
def test_a_strangers_order_answers_like_none_at_all(shop: Shop, gateway: FakeGateway, role: Role) -> None:
    order_id, none = shop.person().ordered(shop.service())["id"], str(uuid4())
    stranger = shop.person(role)
    hidden = _refused(shop, stranger, order_id, 404, "not_found")
    unknown = _refused(shop, stranger, none, 404, "not_found")
    assert hidden["detail"] == unknown["detail"].replace(none, order_id)
    assert gateway.opened == {}


def test_nobody_opens_no_checkout(shop: Shop, gateway: FakeGateway) -> None:
    order_id = shop.person().ordered(shop.service())["id"]
    body = {"order_id": order_id, "ui_mode": "elements"}
    assert shop.visitor().post("/payments/stripe/create-session", json=body).status_code == 401
    assert gateway.opened == {}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ui_mode": "elements"}, "order_id"),
        ({"order_id": "first", "ui_mode": "elements"}, "order_id"),
        ({"order_id": str(UUID(int=1))}, "ui_mode"),
        ({"order_id": str(UUID(int=1)), "ui_mode": "custom"}, "ui_mode"),
        ({"order_id": str(UUID(int=1)), "ui_mode": "elements", "amount": 1}, "amount"),
    ],
)
def test_a_malformed_request_is_refused_by_field(
    shop: Shop, gateway: FakeGateway, body: dict[str, object], field: str
) -> None:
    answer = shop.person().http.post("/payments/stripe/create-session", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert gateway.opened == {}


@pytest.mark.parametrize(
    ("fault", "state", "code", "retry_after"),
    [
        (GatewayUnavailable("timed out"), 503, "payment_provider_unavailable", "5"),
        (GatewayRejected("amount too small"), 502, "payment_provider_refused", None),
    ],
)
def test_a_fault_of_the_provider_leaves_the_order_payable(
    shop: Shop, gateway: FakeGateway, fault: GatewayError, state: int, code: str, retry_after: str | None
) -> None:
    buyer = shop.person()
    order_id = buyer.ordered(shop.service())["id"]
    before = shop.counts()
    gateway.fault = fault
    answer = buyer.checkout(order_id, key="one")
    assert (answer.status_code, answer.json()["code"]) == (state, code)
    assert answer.headers.get("Retry-After") == retry_after
    assert str(fault) not in answer.text
    assert shop.counts() == before
    assert shop.open_checkout(order_id) is None
    gateway.fault = None
    assert buyer.checkout(order_id, key="one").status_code == 200
    assert shop.open_checkout(order_id) in {f"cs_{key}" for key in gateway.opened}


def test_a_fault_while_the_way_to_pay_is_changed_never_answers_the_closed_session(
    shop: Shop, gateway: FakeGateway
) -> None:
    buyer = shop.person()
    order_id = buyer.ordered(shop.service())["id"]
    first = buyer.checkout(order_id, "elements").json()["session_id"]
    gateway.fault = GatewayUnavailable("down")
    assert buyer.checkout(order_id, "hosted_page").status_code == 503
    gateway.fault = None
    again = buyer.checkout(order_id, "elements").json()["session_id"]
    assert again != first
    assert gateway.expired == [first]


def _paid(shop: Shop, order_id: str) -> None:
    shop.set_order(order_id, state="paid")


def _cancelled(shop: Shop, order_id: str) -> None:
    shop.set_order(order_id, state="cancelled")


def _expired(shop: Shop, order_id: str) -> None:
    shop.set_order(order_id, state="expired")


@pytest.mark.parametrize(
    ("meanwhile", "code"),
    [(_paid, "order_already_paid"), (_cancelled, "order_cancelled"), (_expired, "order_expired")],
)
def test_what_happens_to_the_order_during_the_call_closes_the_session(
    shop: Shop, gateway: FakeGateway, meanwhile: Callable[[Shop, str], None], code: str
) -> None:
    buyer = shop.person()
    order_id = buyer.ordered(shop.service())["id"]
    gateway.while_opening = lambda: meanwhile(shop, order_id)
    _refused(shop, buyer, order_id, 409, code)
    assert gateway.expired == [f"cs_{key}" for key in gateway.opened]
    assert shop.open_checkout(order_id) is None


def test_the_order_is_not_locked_during_the_call(shop: Shop, gateway: FakeGateway) -> None:
    buyer = shop.person()
    order_id = buyer.ordered(shop.service())["id"]
    seen: list[str] = []

    def look() -> None:
        with shop.sessions.begin() as session:
            order = session.get_one(Order, UUID(order_id), with_for_update={"nowait": True})
            seen.append(order.state)

    gateway.while_opening = look
    assert buyer.checkout(order_id).status_code == 200
    assert seen == ["pending"]


def test_a_second_request_overtaken_by_another_way_closes_its_own(shop: Shop, gateway: FakeGateway) -> None:
    buyer = shop.person()
    order_id = buyer.ordered(shop.service())["id"]

    def other_way() -> None:
        gateway.while_opening = lambda: None
        assert buyer.checkout(order_id, "elements").status_code == 200

    gateway.while_opening = other_way
    answer = buyer.checkout(order_id, "hosted_page")
    assert (answer.status_code, answer.json()["code"]) == (409, "checkout_overtaken")
    kept = shop.open_checkout(order_id)
    assert kept is not None
    assert "-elements-" in kept
    assert gateway.expired == [f"cs_{key}" for key in gateway.opened if "-hosted_page-" in key]
    assert buyer.checkout(order_id, "elements").json()["session_id"] == kept


def test_an_order_reopened_after_a_failed_payment_gets_a_new_session(shop: Shop, gateway: FakeGateway) -> None:
    buyer = shop.person()
    order_id = buyer.ordered(shop.service())["id"]
    first = buyer.checkout(order_id).json()["session_id"]
    shop.close_checkout(order_id)
    second = buyer.checkout(order_id).json()["session_id"]
    assert first != second
    assert gateway.expired == [first]


def test_one_key_opens_one_checkout(shop: Shop, gateway: FakeGateway) -> None:
    buyer = shop.person()
    order_id, other = (buyer.ordered(shop.service())["id"] for _ in range(2))
    first, again = (buyer.checkout(order_id, key="pay") for _ in range(2))
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    reused = buyer.checkout(other, key="pay")
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")
    assert len(gateway.opened) == 1


def test_a_token_that_outlived_its_role_opens_nothing(shop: Shop, gateway: FakeGateway) -> None:
    buyer = shop.person("teacher")
    order_id = buyer.ordered(shop.service())["id"]
    with shop.sessions.begin() as session:
        session.connection().exec_driver_sql("update app.profiles set role = 'member' where id = %s", (buyer.id,))
    assert buyer.checkout(order_id).status_code == 401
    assert gateway.opened == {}
