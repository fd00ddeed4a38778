"""The seats of a seminar: who has one, and how many are left.

A seminar is locked before its seats, and several of them in the order of their ids.
"""

from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.problems import Conflict, NotFound
from db.models import Seminar, SeminarSeat

# The states in which seats are given, and those in which a seat counts.
ANNOUNCED: Final = ("published", "provisioned", "open")
TAKING: Final = ("offered", "held", "confirmed")


class SeatsFull(Conflict):
    """All seats are taken, or promised to those on the waitlist."""

    code = "seats_full"
    title = "No seat is left."


def lock_seminar(session: Session, seminar_id: UUID) -> Seminar:
    """The seminar, locked for a change of its seats. Raises NotFound."""
    statement = select(Seminar).where(Seminar.id == seminar_id).with_for_update(key_share=True)
    found = session.scalar(statement.execution_options(populate_existing=True))
    if found is None:
        raise NotFound(f"There is no seminar {seminar_id}.")
    return found


def live_seat(session: Session, seminar_id: UUID, profile_id: UUID) -> SeminarSeat | None:
    """The person's seat or place on the waitlist, if it is not released."""
    own = (SeminarSeat.seminar_id == seminar_id) & (SeminarSeat.profile_id == profile_id)
    return session.scalar(select(SeminarSeat).where(own, SeminarSeat.state != "released"))


def refuse_if_full(session: Session, seminar: Seminar, own: SeminarSeat | None, *, field: str | None = None) -> None:
    """Refuse who has no seat, or only waits for one, if no seat is left. Raises SeatsFull."""
    if not (own and own.state in TAKING) and seats_left(session, seminar, own) <= 0:
        raise SeatsFull(f"{seminar.title} has no seat left; join the waitlist.", field=field)


def seats_left(session: Session, seminar: Seminar, own: SeminarSeat | None) -> int:
    """The seats of a locked seminar that are neither taken nor promised to others who wait."""
    waiting = (SeminarSeat.seminar_id == seminar.id) & (SeminarSeat.state == "waitlisted")
    others = (session.scalar(select(func.count()).where(waiting)) or 0) - bool(own and own.state == "waitlisted")
    return seminar.capacity - seminar.seats_taken - others
