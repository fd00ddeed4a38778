"""Cancel a seminar: at once for those who would buy, and by a job for those with a seat."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.identity import Identity
from core.jobs.enqueue import NewJob, enqueue
from core.messages import CancelSeminar
from core.offers.seats import ANNOUNCED, lock_seminar
from core.outcomes import Done, Outcome
from core.problems import NotFound
from core.seminars.notices import tell_all
from core.seminars.problems import SeminarStateConflict
from core.seminars.returns import return_money
from core.seminars.seats import release_seat
from db.models import MailMessage, Order, OrderItem, Seminar, SeminarSeat

# An order whose payment has come.
_PAID: Final = ("paid", "fulfilled", "refunded", "disputed")


def cancel(session: Session, seminar_id: UUID, caller: Identity, reason: str, now: datetime) -> UUID:
    """Cancel the teacher's own seminar, or any as an operator; returns the job that gives the money back.

    Raises NotFound, SeminarStateConflict.
    """
    seminar = lock_seminar(session, seminar_id)
    if seminar.teacher_id != caller.profile_id and not caller.is_operator:
        raise NotFound(f"You have no seminar {seminar_id}.")
    if seminar.state not in (*ANNOUNCED, "draft"):
        raise SeminarStateConflict(f"The seminar is {seminar.state}.")
    return _cancel(session, seminar, caller.profile_id, reason, now)


@dataclass(frozen=True, slots=True)
class Cancellation:
    """How far a cancellation is: emails that were sent of all, and paid seats whose money went back of all."""

    cancelled_at: datetime
    emails: int
    emails_sent: int
    paid_seats: int
    refunded: int


def progress_of(session: Session, seminar_id: UUID, caller: Identity) -> Cancellation:
    """How far the cancellation of the teacher's own seminar is, or of any for an operator. Raises NotFound."""
    seminar = session.get(Seminar, seminar_id)
    if seminar is None or (seminar.teacher_id != caller.profile_id and not caller.is_operator):
        raise NotFound(f"You have no seminar {seminar_id}.")
    if seminar.cancelled_at is None:
        raise NotFound(f"The seminar {seminar_id} is not cancelled.")
    people = select(SeminarSeat.profile_id).where(SeminarSeat.seminar_id == seminar_id)
    told = (MailMessage.template == "seminar_cancelled") & MailMessage.profile_id.in_(people)
    told &= MailMessage.params["seminar_id"].astext == str(seminar_id)
    sent = func.count().filter(MailMessage.state == "sent")
    emails, emails_sent = session.execute(select(func.count(), sent).select_from(MailMessage).where(told)).one()
    paid = (OrderItem.seminar_id == seminar_id) & (OrderItem.unit_amount > 0) & Order.state.in_(_PAID)
    back = func.count().filter(OrderItem.refunded_at.is_not(None))
    counted = select(func.count(), back).select_from(OrderItem).join(Order, Order.id == OrderItem.order_id).where(paid)
    paid_seats, refunded = session.execute(counted).one()
    return Cancellation(seminar.cancelled_at, emails, emails_sent, paid_seats, refunded)


def cancel_all(session: Session, teacher_id: UUID, reason: str, now: datetime) -> None:
    """Cancel all seminars of a teacher that are not over."""
    wanted = (Seminar.teacher_id == teacher_id) & Seminar.state.in_((*ANNOUNCED, "draft"))
    for seminar_id in session.scalars(select(Seminar.id).where(wanted).order_by(Seminar.id)).all():
        _cancel(session, lock_seminar(session, seminar_id), teacher_id, reason, now)


def give_back(session: Session, message: CancelSeminar) -> Outcome:
    """Tell everyone with a seat, ask for the money of the seats that were paid for, and release the others."""
    seminar = lock_seminar(session, message.seminar_id)
    told = tell_all(session, seminar, "seminar_cancelled", f"seminar_cancelled:{seminar.id}")
    paid = (SeminarSeat.state == "confirmed") & (OrderItem.unit_amount > 0) & OrderItem.refunded_at.is_(None)
    live = (SeminarSeat.seminar_id == seminar.id) & (SeminarSeat.state != "released")
    items = session.scalars(
        select(OrderItem.id).join(SeminarSeat, SeminarSeat.order_item_id == OrderItem.id).where(live, paid)
    ).all()
    for item_id in items:
        return_money(session, item_id, message.reason)
    # A seat that was paid for is released when its money is on its way back.
    for seat in session.scalars(select(SeminarSeat).where(live).order_by(SeminarSeat.id)):
        if seat.order_item_id not in items:
            release_seat(session, seminar, seat, actor_id=None)
    return Done({"told": told, "refunds": len(items)})


def _cancel(session: Session, seminar: Seminar, actor_id: UUID, reason: str, now: datetime) -> UUID:
    seminar.state, seminar.cancelled_at = "cancelled", now
    session.flush()
    record(session, Tag.SEMINAR_CANCELLED, seminar.id, actor_id=actor_id, data={"reason": reason})
    message = CancelSeminar(seminar_id=seminar.id, reason=reason)
    [job_id] = enqueue(session, NewJob(message=message, profile_id=actor_id))
    return job_id
