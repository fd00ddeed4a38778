"""Release what was held or offered for too long, and offer free seats to those who wait."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.mail.queue import queue_mail
from core.offers.seats import ANNOUNCED, lock_seminar
from db.models import Order, OrderItem, Seminar, SeminarSeat
from db.queries import query

# In one job; the rest is found by the next one.
MAX_SEMINARS: Final = 100
_OFFER: Final = timedelta(hours=24)
_SHORTEST_OFFER: Final = timedelta(minutes=15)
# How much longer a seat is held whose payment is on its way: a bank debit takes days.
_PAYING: Final = timedelta(hours=6)


def tend(session: Session, now: datetime) -> int:
    """Tend the seminars that need it, and return how many."""
    ids = session.scalars(query("seminars/untended"), {"now": now, "most": MAX_SEMINARS}).all()
    for seminar_id in ids:
        seminar = lock_seminar(session, seminar_id)
        _release_lapsed(session, seminar, now)
        session.refresh(seminar)
        if seminar.state in ANNOUNCED and seminar.starts_at > now:
            _offer(session, seminar, now)
    return len(ids)


def offer_until(now: datetime, starts_at: datetime) -> datetime:
    """How long an offer made now stands: a day, or half of the time until the seminar begins."""
    return min(now + max(min(_OFFER, (starts_at - now) / 2), _SHORTEST_OFFER), starts_at)


def _release_lapsed(session: Session, seminar: Seminar, now: datetime) -> None:
    lapsed = (
        select(SeminarSeat, Order.state)
        .outerjoin(OrderItem, OrderItem.id == SeminarSeat.order_item_id)
        .outerjoin(Order, Order.id == OrderItem.order_id)
        .where(SeminarSeat.seminar_id == seminar.id, SeminarSeat.state.in_(("held", "offered")))
        .where(SeminarSeat.held_until <= now)
        .with_for_update(of=SeminarSeat)
    )
    for seat, order_state in session.execute(lapsed):
        if seat.state == "held" and order_state in {"processing", "paid", "fulfilled"}:
            seat.held_until = now + _PAYING
        else:
            seat.state, seat.held_until = "released", None
    session.flush()


def _offer(session: Session, seminar: Seminar, now: datetime) -> None:
    waiting = (SeminarSeat.seminar_id == seminar.id) & (SeminarSeat.state == "waitlisted")
    free = seminar.capacity - seminar.seats_taken
    for seat in session.scalars(select(SeminarSeat).where(waiting).order_by(SeminarSeat.id).limit(max(free, 0))):
        until = offer_until(now, seminar.starts_at)
        seat.state, seat.held_until = "offered", until
        params = {"seminar_id": str(seminar.id), "until": until.isoformat()}
        queue_mail(session, "seat_offered", f"seat_offered:{seat.id}:{until.isoformat()}", seat.profile_id, **params)
    session.flush()
