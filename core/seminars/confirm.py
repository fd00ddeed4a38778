"""Give the seat that an order item paid for, or its money back."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.mail.queue import queue_mail
from core.messages import ConfirmSeat
from core.offers.seats import ANNOUNCED, TAKING, live_seat, lock_seminar
from core.outcomes import Done, Outcome
from core.seminars.returns import return_money
from db.models import Order, OrderItem, Seminar, SeminarSeat

_GONE = {
    "sold_out": "The seats were taken before the payment came.",
    "had_seat": "The buyer had a seat already.",
    "cancelled": "The seminar is cancelled.",
    "over": "The seminar is over.",
}


def confirm(session: Session, message: ConfirmSeat, now: datetime) -> Outcome:
    """Confirm the seat that the order holds, or take one that is left; else a job gives the money back.

    The order is locked before the seminar. An item that was given back, or an order that is disputed, gets nothing.
    """
    item = session.get_one(OrderItem, message.order_item_id)
    order = session.scalars(select(Order).where(Order.id == item.order_id).with_for_update(key_share=True)).one()
    session.refresh(item)
    if order.state not in {"paid", "fulfilled"} or item.refunded_at or item.seminar_id is None:
        return Done({"seat": "not due"})
    seminar = lock_seminar(session, item.seminar_id)
    seat = session.scalar(select(SeminarSeat).where(SeminarSeat.order_item_id == item.id))
    if seat and seat.state == "confirmed":
        return Done({"seat": "confirmed"})
    live = live_seat(session, seminar.id, order.profile_id)
    if reason := _why_not(seminar, live):
        return_money(session, item.id, _GONE[reason])
        queue_mail(session, "seat_gone", f"seat_gone:{item.id}", order.profile_id, seminar_id=str(seminar.id))
        return Done({"seat": reason})
    if live and seat and live is not seat:
        # The seat was released, and its buyer came back with another order or on the waitlist.
        live.state = "released"
        session.flush()
    _give(session, seat or live or SeminarSeat(seminar_id=seminar.id, profile_id=order.profile_id), item)
    item.fulfilled_at = item.fulfilled_at or now
    queue_mail(session, "seat", f"seat:{item.id}", order.profile_id, seminar_id=str(seminar.id))
    return Done({"seat": "confirmed"})


def _why_not(seminar: Seminar, live: SeminarSeat | None) -> str | None:
    if live and live.state == "confirmed":
        return "had_seat"
    if seminar.state not in ANNOUNCED:
        return "cancelled" if seminar.state == "cancelled" else "over"
    has_place = live is not None and live.state in TAKING
    return None if has_place or seminar.seats_taken < seminar.capacity else "sold_out"


def _give(session: Session, seat: SeminarSeat, item: OrderItem) -> None:
    seat.state, seat.source, seat.order_item_id, seat.held_until = "confirmed", "order", item.id, None
    session.add(seat)
    session.flush()
    data = {"seminar_id": str(seat.seminar_id), "profile_id": str(seat.profile_id), "order_item_id": str(item.id)}
    record(session, Tag.SEAT_CONFIRMED, seat.id, data=data)
