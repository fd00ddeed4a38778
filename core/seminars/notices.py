"""Emails to those with a seat."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.mail.queue import queue_mails
from core.offers.seats import TAKING
from db.models import SeatState, Seminar, SeminarSeat

WITH_WAITLIST: Final[Sequence[SeatState]] = (*TAKING, "waitlisted")


def tell_all(
    session: Session, seminar: Seminar, template: str, key: str, states: Sequence[SeatState] = WITH_WAITLIST
) -> int:
    """Queue the email for each person whose seat is in one of `states`, once for each `key`; returns how many."""
    told = (SeminarSeat.seminar_id == seminar.id) & SeminarSeat.state.in_(states)
    readers = session.scalars(select(SeminarSeat.profile_id).where(told)).all()
    return queue_mails(session, template, {f"{key}:{reader}": reader for reader in readers}, seminar_id=str(seminar.id))
