from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select, tuple_
from sqlalchemy.orm import Session

from core.offers.seats import ANNOUNCED
from core.paging import Newest, PageRequest, Slice, cut, newest_first
from core.problems import NotFound
from db.models import Attendance, Profile, SeatState, Seminar, SeminarSeat


@dataclass(frozen=True, slots=True)
class OwnSeat:
    """A person's seat or place on the waitlist; `until` is when a held or an offered one ends."""

    seminar: Seminar
    seat: SeminarSeat


@dataclass(frozen=True, slots=True)
class Participant:
    """A person with a seat, as the teacher sees them."""

    profile_id: UUID
    display_name: str
    state: SeatState
    since: datetime


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay of a person in the room; `left_at` is None while they are there."""

    id: UUID
    profile_id: UUID
    display_name: str
    joined_at: datetime
    left_at: datetime | None


def coming_seminars(session: Session, now: datetime, page: PageRequest[Newest]) -> Slice[Seminar, Newest]:
    """Seminars that are announced and have not begun, the next one first."""
    statement = select(Seminar).where(Seminar.state.in_(ANNOUNCED), Seminar.starts_at > now)
    if page.after is not None:
        statement = statement.where(tuple_(Seminar.starts_at, Seminar.id) > tuple_(*page.after))
    rows = session.scalars(statement.order_by(Seminar.starts_at, Seminar.id).limit(page.fetch)).all()
    return cut(rows, page, lambda seminar: (seminar.starts_at, seminar.id))


def teacher_seminars(session: Session, teacher_id: UUID, page: PageRequest[Newest]) -> Slice[Seminar, Newest]:
    """A teacher's own seminars in every state, newest first."""
    statement = select(Seminar).where(Seminar.teacher_id == teacher_id)
    rows = session.scalars(newest_first(statement, Seminar.created_at, Seminar.id, page)).all()
    return cut(rows, page, lambda seminar: (seminar.created_at, seminar.id))


def visible_seminar(session: Session, seminar_id: UUID, profile_id: UUID | None) -> Seminar:
    """A seminar that was announced, or the teacher's own. Raises NotFound."""
    seen = or_(Seminar.state != "draft", Seminar.teacher_id == profile_id)
    found = session.scalar(select(Seminar).where(Seminar.id == seminar_id, seen))
    if found is None:
        raise NotFound(f"There is no seminar {seminar_id}.")
    return found


def own_seats(session: Session, profile_id: UUID, page: PageRequest[Newest]) -> Slice[OwnSeat, Newest]:
    """The person's seats and places on waitlists, the newest first; without those that were released."""
    statement = (
        select(Seminar, SeminarSeat)
        .join(Seminar, Seminar.id == SeminarSeat.seminar_id)
        .where(SeminarSeat.profile_id == profile_id, SeminarSeat.state != "released")
    )
    rows = session.execute(newest_first(statement, SeminarSeat.created_at, SeminarSeat.id, page)).all()
    seats = [OwnSeat(seminar, seat) for seminar, seat in rows]
    return cut(seats, page, lambda own: (own.seat.created_at, own.seat.id))


def participants(
    session: Session, teacher_id: UUID, seminar_id: UUID, page: PageRequest[Newest]
) -> Slice[Participant, Newest]:
    """Who has a seat at the teacher's own seminar, or waits for one, the newest first. Raises NotFound."""
    _refuse_others(session, teacher_id, seminar_id)
    statement = (
        select(SeminarSeat, Profile.display_name)
        .join(Profile, Profile.id == SeminarSeat.profile_id)
        .where(SeminarSeat.seminar_id == seminar_id, SeminarSeat.state != "released")
    )
    rows = session.execute(newest_first(statement, SeminarSeat.created_at, SeminarSeat.id, page)).all()
    keys: Mapping[UUID, Newest] = {seat.profile_id: (seat.created_at, seat.id) for seat, _ in rows}
    found = [Participant(seat.profile_id, name, seat.state, seat.created_at) for seat, name in rows]
    return cut(found, page, lambda one: keys[one.profile_id])


def attendance(session: Session, teacher_id: UUID, seminar_id: UUID, page: PageRequest[Newest]) -> Slice[Stay, Newest]:
    """Who was in the room of the teacher's own seminar and when, the newest first. Raises NotFound."""
    _refuse_others(session, teacher_id, seminar_id)
    statement = (
        select(Attendance, Profile.display_name)
        .join(Profile, Profile.id == Attendance.profile_id)
        .where(Attendance.seminar_id == seminar_id)
    )
    rows = session.execute(newest_first(statement, Attendance.joined_at, Attendance.id, page)).all()
    stays = [Stay(row.id, row.profile_id, name, row.joined_at, row.left_at) for row, name in rows]
    return cut(stays, page, lambda stay: (stay.joined_at, stay.id))


def _refuse_others(session: Session, teacher_id: UUID, seminar_id: UUID) -> None:
    own = select(Seminar.id).where(Seminar.id == seminar_id, Seminar.teacher_id == teacher_id)
    if session.scalar(own) is None:
        raise NotFound(f"You have no seminar {seminar_id}.")
