"""orders.expire: overdue unpaid orders expire in one statement."""

from datetime import timedelta

from sqlalchemy import select

from core.orders.expire import expire
from db.models import Order, OrderState
from tests.support.api_harness import ApiHarness

STATES: tuple[OrderState, ...] = ("processing", "paid", "fulfilled", "cancelled", "refunded")


def test_only_due_orders_expire(api: ApiHarness) -> None:
    buyer = api.user()
    due = [buyer.place_order(api.service())["id"] for _ in range(3)]
    others = {buyer.place_order(api.service())["id"]: state for state in STATES}
    later = buyer.place_order(api.service())["id"]
    now = api.clock()
    for order_id in (*due, *others):
        api.set_order(order_id, expires_at=now, state=others.get(order_id, "pending"))
    api.set_order(later, expires_at=now + timedelta(microseconds=1))
    with api.sessions.begin() as session:
        assert expire(session, now) == len(due)
        assert expire(session, now) == 0
    assert {api.order_row(order_id).state for order_id in due} == {"expired"}
    assert {order_id: api.order_row(order_id).state for order_id in others} == others
    assert api.order_row(later).state == "pending"
    for order_id in due:
        assert api.audit_tags(order_id) == ["orders:order:placed", "orders:order:expired"]
    assert all(api.audit_tags(order_id) == ["orders:order:placed"] for order_id in (*others, later))


def test_a_locked_order_is_left_for_the_next_run(api: ApiHarness) -> None:
    held, free = (api.user().place_order(api.service())["id"] for _ in range(2))
    now = api.clock() + timedelta(days=1)
    with api.sessions.begin() as holder, api.sessions.begin() as session:
        holder.execute(select(Order.id).where(Order.id == api.order_row(held).id).with_for_update())
        assert expire(session, now) == _pending(api) - 1
    assert (api.order_row(held).state, api.order_row(free).state) == ("pending", "expired")
    with api.sessions.begin() as session:
        assert expire(session, now) == 1


def _pending(api: ApiHarness) -> int:
    with api.sessions.begin() as session:
        return len(session.scalars(select(Order.id).where(Order.state == "pending")).all())


def test_a_rollback_leaves_orders_pending(api: ApiHarness) -> None:
    order_id = api.user().place_order(api.service())["id"]
    with api.sessions() as session:
        assert expire(session, api.clock() + timedelta(days=1)) >= 1
        session.rollback()
    assert (api.order_row(order_id).state, api.audit_tags(order_id)) == ("pending", ["orders:order:placed"])
