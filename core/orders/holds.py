"""An order holds a seat at each of its seminars, for as long as it can be paid and its payment can be told."""

from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from core.offers.seats import live_seat, lock_seminar, refuse_if_full
from db.models import Order, OrderItem, SeminarSeat

# After the order has expired: a checkout ends with its order, and Stripe tells of a payment within minutes. What is
# told later takes a seat if one is left.
GRACE: Final = timedelta(minutes=30)


def hold_seats(session: Session, order: Order) -> None:
    """Hold a seat for each seminar of a new order. Raises SeatsFull; `field` names the item."""
    items = [(item.seminar_id, item, index) for index, item in enumerate(order.items) if item.seminar_id]
    for seminar_id, item, index in sorted(items, key=lambda one: one[0]):
        seminar = lock_seminar(session, seminar_id)
        seat = live_seat(session, seminar_id, order.profile_id)
        refuse_if_full(session, seminar, seat, field=f"items.{index}.seminar_id")
        _hold(session, order, item, seat or SeminarSeat(seminar_id=seminar_id, profile_id=order.profile_id))


def _hold(session: Session, order: Order, item: OrderItem, seat: SeminarSeat) -> None:
    seat.state, seat.source, seat.order_item_id = "held", "order", item.id
    seat.held_until = order.expires_at + GRACE
    session.add(seat)
    session.flush()
