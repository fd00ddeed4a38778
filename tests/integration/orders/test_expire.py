"""Unpaid orders past their time are closed, all at once."""

from datetime import timedelta

from sqlalchemy import select

from core.orders.expire import expire
from db.models import Order, OrderState
from tests.integration.orders.shop import Shop

STATES: tuple[OrderState, ...] = ("processing", "paid", "fulfilled", "cancelled", "refunded")


def test_what_is_due_is_expired_and_nothing_else(shop: Shop) -> None:
    buyer = shop.person()
    due = [buyer.ordered(shop.service())["id"] for _ in range(3)]
    others = {buyer.ordered(shop.service())["id"]: state for state in STATES}
    later = buyer.ordered(shop.service())["id"]
    now = shop.clock()
    for order_id in (*due, *others):
        shop.set_order(order_id, expires_at=now, state=others.get(order_id, "pending"))
    shop.set_order(later, expires_at=now + timedelta(microseconds=1))
    with shop.sessions.begin() as session:
        assert expire(session, now) == len(due)
        assert expire(session, now) == 0
    assert {shop.order_row(order_id).state for order_id in due} == {"expired"}
    assert {order_id: shop.order_row(order_id).state for order_id in others} == others
    assert shop.order_row(later).state == "pending"
    for order_id in due:
        assert shop.tags(order_id) == ["orders:order:placed", "orders:order:expired"]
    assert all(shop.tags(order_id) == ["orders:order:placed"] for order_id in (*others, later))


def test_an_order_somebody_holds_is_left_for_the_next_run(shop: Shop) -> None:
    held, free = (shop.person().ordered(shop.service())["id"] for _ in range(2))
    now = shop.clock() + timedelta(days=1)
    with shop.sessions.begin() as holder, shop.sessions.begin() as session:
        holder.execute(select(Order.id).where(Order.id == shop.order_row(held).id).with_for_update())
        assert expire(session, now) == _pending(shop) - 1
    assert (shop.order_row(held).state, shop.order_row(free).state) == ("pending", "expired")
    with shop.sessions.begin() as session:
        assert expire(session, now) == 1


def _pending(shop: Shop) -> int:
    with shop.sessions.begin() as session:
        return len(session.scalars(select(Order.id).where(Order.state == "pending")).all())


def test_a_rollback_leaves_no_trace(shop: Shop) -> None:
    order_id = shop.person().ordered(shop.service())["id"]
    with shop.sessions() as session:
        assert expire(session, shop.clock() + timedelta(days=1)) >= 1
        session.rollback()
    assert (shop.order_row(order_id).state, shop.tags(order_id)) == ("pending", ["orders:order:placed"])
