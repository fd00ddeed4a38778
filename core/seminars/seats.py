"""Take a seat without paying, wait for one, and give one up."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.mail.queue import queue_mail
from core.offers.seats import ANNOUNCED, live_seat, lock_seminar, refuse_if_full, seats_left
from core.problems import NotFound
from core.seminars.problems import SeatNotFree, SeatPaid, SeatsLeft, SeminarStateConflict
from core.seminars.rooms import align
from db.models import Enrollment, Profile, SeatSource, Seminar, SeminarGuest, SeminarSeat


def take(session: Session, seminar_id: UUID, profile_id: UUID, now: datetime) -> SeminarSeat:
    """Confirm a seat for a guest, or a learner of the seminar's course; the seat that is there already, if any.

    Raises NotFound, SeminarStateConflict, SeatNotFree, SeatsFull.
    """
    seminar = _announced(session, seminar_id, now)
    seat = live_seat(session, seminar.id, profile_id)
    if seat and seat.state == "confirmed":
        return seat
    source = free_source(session, seminar, profile_id)
    if source is None:
        raise SeatNotFree("You are neither a guest nor a learner of its course; place an order for the seat.")
    refuse_if_full(session, seminar, seat)
    seat = seat or SeminarSeat(seminar_id=seminar.id, profile_id=profile_id)
    seat.state, seat.source, seat.order_item_id, seat.held_until = "confirmed", source, None, None
    session.add(seat)
    session.flush()
    session.refresh(seat)
    data = {"seminar_id": str(seminar.id), "profile_id": str(profile_id), "source": source}
    record(session, Tag.SEAT_CONFIRMED, seat.id, actor_id=profile_id, data=data)
    queue_mail(session, "seat", f"seat:{seat.id}:{seat.updated_at.isoformat()}", profile_id, seminar_id=str(seminar.id))
    return seat


def wait(session: Session, seminar_id: UUID, profile_id: UUID, now: datetime) -> SeminarSeat:
    """A place at the end of the waitlist; the place or seat that is there already, if any.

    Raises NotFound, SeminarStateConflict, SeatsLeft.
    """
    seminar = _announced(session, seminar_id, now)
    seat = live_seat(session, seminar.id, profile_id)
    if seat:
        return seat
    if seats_left(session, seminar, None) > 0:
        raise SeatsLeft("Place an order for it.")
    seat = SeminarSeat(seminar_id=seminar.id, profile_id=profile_id, state="waitlisted")
    session.add(seat)
    session.flush()
    session.refresh(seat)
    return seat


def give_up(session: Session, seminar_id: UUID, profile_id: UUID) -> None:
    """Give up a seat that was not paid for, an offer or a place on the waitlist. Raises NotFound, SeatPaid."""
    seminar = lock_seminar(session, seminar_id)
    seat = live_seat(session, seminar.id, profile_id)
    if seat is None:
        raise NotFound(f"You have no seat at seminar {seminar_id}.")
    if seat.state in {"held", "confirmed"} and seat.source == "order":
        raise SeatPaid("Cancel the order, or ask for a refund.")
    release_seat(session, seminar, seat, actor_id=profile_id)


def release_seat(session: Session, seminar: Seminar, seat: SeminarSeat, *, actor_id: UUID | None) -> None:
    """Release a seat of a seminar that is locked, and send its owner out of the room."""
    was_confirmed = seat.state == "confirmed"
    seat.state, seat.held_until = "released", None
    session.flush()
    if was_confirmed:
        data = {"seminar_id": str(seat.seminar_id), "profile_id": str(seat.profile_id)}
        record(session, Tag.SEAT_RELEASED, seat.id, actor_id=actor_id, data=data)
        align(session, seminar, seat.profile_id)


def release_all(session: Session, profile_id: UUID) -> None:
    """Release every seat and place on a waitlist of a person who leaves."""
    own = (SeminarSeat.profile_id == profile_id) & (SeminarSeat.state != "released")
    for seminar_id in session.scalars(select(SeminarSeat.seminar_id).where(own).order_by(SeminarSeat.seminar_id)).all():
        seminar = lock_seminar(session, seminar_id)
        seat = live_seat(session, seminar_id, profile_id)
        if seat:
            release_seat(session, seminar, seat, actor_id=profile_id)


def free_source(session: Session, seminar: Seminar, profile_id: UUID) -> SeatSource | None:
    """What entitles a person to a seat without paying, now."""
    enrolled = exists().where(
        Enrollment.course_id == seminar.course_id, Enrollment.profile_id == profile_id, Enrollment.state == "active"
    )
    if seminar.course_id and session.scalar(select(enrolled)):
        return "course"
    invited = (
        exists()
        .where(SeminarGuest.seminar_id == seminar.id, SeminarGuest.email == Profile.email)
        .where(Profile.id == profile_id, Profile.email_proven_at.is_not(None))
    )
    return "guest" if session.scalar(select(invited)) else None


def _announced(session: Session, seminar_id: UUID, now: datetime) -> Seminar:
    seminar = lock_seminar(session, seminar_id)
    if seminar.state == "draft":
        raise NotFound(f"There is no seminar {seminar_id}.")
    if seminar.state not in ANNOUNCED or seminar.ends_at <= now:
        raise SeminarStateConflict("The seminar is cancelled." if seminar.state == "cancelled" else "It is over.")
    return seminar
