"""Release the seats of an order that gives nothing any more."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.messages import ReleaseSeats
from core.offers.seats import TAKING, lock_seminar
from core.outcomes import Done, Outcome
from core.seminars.rooms import align
from db.models import Order, OrderItem, SeminarSeat


def release(session: Session, message: ReleaseSeats) -> Outcome:
    """Release the seats of the order's items that were given back, or of all if the order has ended."""
    order = session.scalars(select(Order).where(Order.id == message.order_id).with_for_update(key_share=True)).one()
    of_order = (OrderItem.order_id == order.id) & OrderItem.seminar_id.is_not(None)
    items = session.scalars(select(OrderItem).where(of_order).order_by(OrderItem.seminar_id)).all()
    gives = order.state in {"pending", "processing", "paid", "fulfilled"}
    ended = [(item, item.seminar_id) for item in items if item.seminar_id and (item.refunded_at or not gives)]
    return Done({"released": sum(_release(session, item, seminar_id) for item, seminar_id in ended)})


def _release(session: Session, item: OrderItem, seminar_id: UUID) -> bool:
    seminar = lock_seminar(session, seminar_id)
    taken = (SeminarSeat.order_item_id == item.id) & SeminarSeat.state.in_(TAKING)
    seat = session.scalar(select(SeminarSeat).where(taken))
    if seat is None:
        return False
    was_confirmed = seat.state == "confirmed"
    seat.state, seat.held_until = "released", None
    session.flush()
    if was_confirmed:
        data = {"seminar_id": str(seat.seminar_id), "profile_id": str(seat.profile_id), "order_item_id": str(item.id)}
        record(session, Tag.SEAT_RELEASED, seat.id, data=data)
        align(session, seminar, seat.profile_id)
    return True
