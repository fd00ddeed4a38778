"""POST /payments/stripe/create-session: who may open a checkout, for which orders, and after which errors."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.identity import Role
from core.ports.errors import GatewayError, GatewayRejected, GatewayUnavailable
from db.models import Order, OrderState
from tasks import runtime
from tests.support.api_harness import ApiHarness, User
from tests.support.fake_gateway import FakeGateway, fetched_session
from tests.support.fake_mailer import FakeMailer
from tests.support.jobs import do, jobs, value
from tests.support.purchases import Purchase
from tests.support.workers import run_due


def _refused(api: ApiHarness, buyer: User, order_id: str, state: int, code: str) -> dict[str, Any]:
    before = api.counts()
    answer = buyer.checkout(order_id, key=uuid4().hex)
    assert (answer.status_code, answer.json()["code"]) == (state, code), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert api.counts() == before
    return answer.json()


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("processing", "payment_in_progress"),
        ("paid", "order_already_paid"),
        ("fulfilled", "order_already_paid"),
        ("refunded", "order_already_paid"),
        ("cancelled", "order_cancelled"),
        ("expired", "order_expired"),
    ],
)
def test_only_a_pending_order_can_be_checked_out(
    api: ApiHarness, gateway: FakeGateway, state: OrderState, code: str
) -> None:
    buyer = api.user()
    order_id = buyer.place_order(api.service())["id"]
    api.set_order(order_id, state=state)
    _refused(api, buyer, order_id, 409, code)
    assert gateway.opened == {}


def test_an_overdue_pending_order_is_refused(api: ApiHarness, gateway: FakeGateway) -> None:
    buyer = api.user()
    order_id = buyer.place_order(api.service())["id"]
    api.set_order(order_id, expires_at=api.clock() - timedelta(seconds=1))
    _refused(api, buyer, order_id, 409, "order_expired")
    assert gateway.opened == {}


@pytest.mark.parametrize("role", ["member", "teacher", "admin"])
def test_an_order_of_another_user_gets_the_same_response_as_an_unknown_one(
    api: ApiHarness, gateway: FakeGateway, role: Role
) -> None:
    order_id, none = api.user().place_order(api.service())["id"], str(uuid4())
    stranger = api.user(role)
    hidden = _refused(api, stranger, order_id, 404, "not_found")
    unknown = _refused(api, stranger, none, 404, "not_found")
    assert hidden["detail"] == unknown["detail"].replace(none, order_id)
    assert gateway.opened == {}


def test_a_visitor_cannot_open_a_checkout(api: ApiHarness, gateway: FakeGateway) -> None:
    order_id = api.user().place_order(api.service())["id"]
    body = {"order_id": order_id, "ui_mode": "elements"}
    assert api.visitor().post("/payments/stripe/create-session", json=body).status_code == 401
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
def test_a_malformed_request_is_refused_with_its_field(
    api: ApiHarness, gateway: FakeGateway, body: dict[str, object], field: str
) -> None:
    answer = api.user().http.post("/payments/stripe/create-session", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert gateway.opened == {}


@pytest.mark.parametrize(
    ("fault", "state", "code", "retry_after"),
    [
        (GatewayUnavailable("timed out"), 503, "payment_provider_unavailable", "5"),
        (GatewayRejected("amount too small"), 502, "payment_provider_refused", None),
    ],
)
def test_a_provider_error_leaves_the_order_payable(
    api: ApiHarness, gateway: FakeGateway, fault: GatewayError, state: int, code: str, retry_after: str | None
) -> None:
    buyer = api.user()
    order_id = buyer.place_order(api.service())["id"]
    before = api.counts()
    gateway.fault = fault
    answer = buyer.checkout(order_id, key="one")
    assert (answer.status_code, answer.json()["code"]) == (state, code)
    assert answer.headers.get("Retry-After") == retry_after
    assert str(fault) not in answer.text
    assert api.counts() == before
    assert api.open_checkout(order_id) is None
    gateway.fault = None
    assert buyer.checkout(order_id, key="one").status_code == 200
    assert api.open_checkout(order_id) in {f"cs_{key}" for key in gateway.opened}


def test_a_provider_error_during_a_ui_mode_change_never_returns_the_closed_session(
    api: ApiHarness, gateway: FakeGateway
) -> None:
    buyer = api.user()
    order_id = buyer.place_order(api.service())["id"]
    first = buyer.checkout(order_id, "elements").json()["session_id"]
    gateway.fault = GatewayUnavailable("down")
    assert buyer.checkout(order_id, "hosted_page").status_code == 503
    gateway.fault = None
    again = buyer.checkout(order_id, "elements").json()["session_id"]
    assert again != first
    assert gateway.expired == [first]


@pytest.mark.usefixtures("sessions")
def test_a_replaced_checkout_that_was_paid_is_found_although_the_request_failed(
    api: ApiHarness, gateway: FakeGateway, in_process: pytest.MonkeyPatch
) -> None:
    in_process.setattr(runtime, "payments", lambda: gateway)
    in_process.setattr(runtime, "mailer", FakeMailer)
    buyer = api.user()
    order = buyer.place_order(api.service())
    first = buyer.checkout(order["id"], "elements").json()["session_id"]
    gateway.fault = GatewayUnavailable("down")
    assert buyer.checkout(order["id"], "hosted_page").status_code == 503
    gateway.fault = None
    (closing,) = jobs(api.sessions, "payments.close_checkout")
    assert closing.run_at > api.clock()
    purchase = Purchase(UUID(order["id"]), order["total_amount"])
    gateway.answers[first] = fetched_session(purchase, "complete", "paid")
    do(api.sessions, "update app.jobs set run_at = now()")
    run_due(api.sessions)
    assert value(api.sessions, "select state from app.orders where id = :id", id=order["id"]) == "fulfilled"


def _paid(api: ApiHarness, order_id: str) -> None:
    api.set_order(order_id, state="paid")


def _cancelled(api: ApiHarness, order_id: str) -> None:
    api.set_order(order_id, state="cancelled")


def _expired(api: ApiHarness, order_id: str) -> None:
    api.set_order(order_id, state="expired")


@pytest.mark.parametrize(
    ("meanwhile", "code"),
    [(_paid, "order_already_paid"), (_cancelled, "order_cancelled"), (_expired, "order_expired")],
)
def test_a_session_is_closed_if_the_order_changed_during_the_call(
    api: ApiHarness, gateway: FakeGateway, meanwhile: Callable[[ApiHarness, str], None], code: str
) -> None:
    buyer = api.user()
    order_id = buyer.place_order(api.service())["id"]
    gateway.while_opening = lambda: meanwhile(api, order_id)
    _refused(api, buyer, order_id, 409, code)
    assert gateway.expired == [f"cs_{key}" for key in gateway.opened]
    assert api.open_checkout(order_id) is None


def test_the_order_is_not_locked_during_the_call(api: ApiHarness, gateway: FakeGateway) -> None:
    buyer = api.user()
    order_id = buyer.place_order(api.service())["id"]
    seen: list[str] = []

    def read_order() -> None:
        with api.sessions.begin() as session:
            order = session.get_one(Order, UUID(order_id), with_for_update={"nowait": True})
            seen.append(order.state)

    gateway.while_opening = read_order
    assert buyer.checkout(order_id).status_code == 200
    assert seen == ["pending"]


def test_a_request_overtaken_by_another_ui_mode_closes_its_own_session(api: ApiHarness, gateway: FakeGateway) -> None:
    buyer = api.user()
    order_id = buyer.place_order(api.service())["id"]

    def other_mode() -> None:
        gateway.while_opening = lambda: None
        assert buyer.checkout(order_id, "elements").status_code == 200

    gateway.while_opening = other_mode
    answer = buyer.checkout(order_id, "hosted_page")
    assert (answer.status_code, answer.json()["code"]) == (409, "checkout_overtaken")
    kept = api.open_checkout(order_id)
    assert kept is not None
    assert "-elements-" in kept
    assert gateway.expired == [f"cs_{key}" for key in gateway.opened if "-hosted_page-" in key]
    assert buyer.checkout(order_id, "elements").json()["session_id"] == kept


def test_an_order_reopened_after_a_failed_payment_gets_a_new_session(api: ApiHarness, gateway: FakeGateway) -> None:
    buyer = api.user()
    order_id = buyer.place_order(api.service())["id"]
    first = buyer.checkout(order_id).json()["session_id"]
    api.close_checkout(order_id)
    second = buyer.checkout(order_id).json()["session_id"]
    assert first != second
    assert gateway.expired == [first]


def test_one_key_opens_one_checkout(api: ApiHarness, gateway: FakeGateway) -> None:
    buyer = api.user()
    order_id, other = (buyer.place_order(api.service())["id"] for _ in range(2))
    first, again = (buyer.checkout(order_id, key="pay") for _ in range(2))
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    reused = buyer.checkout(other, key="pay")
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")
    assert len(gateway.opened) == 1


def test_a_token_with_a_revoked_role_opens_no_checkout(api: ApiHarness, gateway: FakeGateway) -> None:
    buyer = api.user("teacher")
    order_id = buyer.place_order(api.service())["id"]
    with api.sessions.begin() as session:
        session.connection().exec_driver_sql("update app.profiles set role = 'member' where id = %s", (buyer.id,))
    assert buyer.checkout(order_id).status_code == 401
    assert gateway.opened == {}
