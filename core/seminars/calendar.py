"""The calendar of a person: where they have a seat, and what they teach."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from db.models import Seminar, SeminarSeat

# What is over stays for a while, so that programs see a cancellation.
_PAST: Final = timedelta(days=30)
_MOST: Final = 500


def calendar_seminars(session: Session, profile_id: UUID, now: datetime) -> Sequence[Seminar]:
    """The seminars at which the person has or had a confirmed seat, and the own ones; drafts are left out."""
    seat = exists().where(SeminarSeat.seminar_id == Seminar.id, SeminarSeat.profile_id == profile_id)
    # A cancelled seminar has released its seats.
    has_seat = seat.where(or_(SeminarSeat.state == "confirmed", Seminar.state == "cancelled"))
    wanted = select(Seminar).where(or_(has_seat, Seminar.teacher_id == profile_id))
    recent = wanted.where(Seminar.state != "draft", Seminar.ends_at > now - _PAST)
    return session.scalars(recent.order_by(Seminar.starts_at, Seminar.id).limit(_MOST)).all()
