"""Who may enter a seminar's room, when and as what."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from core.offers.seats import live_seat
from core.ports.rooms import RoomRole
from core.problems import Problem
from core.seminars.seats import free_source
from core.seminars.steps import DOORS, PROVISION
from db.models import Order, OrderItem, Seminar, SeminarBan, SeminarRole, SeminarSeat

Refusal = Literal["not_entitled", "refunded", "banned", "cancelled", "too_early", "ended", "full"]
_DETAILS: Final[Mapping[Refusal, str]] = {
    "not_entitled": "You have no seat at this seminar.",
    "refunded": "The money for your seat was given back, or your bank asks for it.",
    "banned": "The host has sent you out.",
    "cancelled": "The seminar is cancelled.",
    "too_early": "The doors open 15 minutes before the start.",
    "ended": "The seminar is over.",
    "full": "As many are in the room as it holds.",
}


# Who mutes, promotes and sends out.
LEADING: Final = ("host", "co_host")


class RoomRefused(Problem):
    """The caller may not enter the room; `reason` says why: without a seat, too early, or sent out."""

    code = "room_refused"
    title = "You cannot enter this room now."
    status = 403

    def __init__(self, reason: Refusal) -> None:
        super().__init__(_DETAILS[reason])
        self.reason = reason

    def extras(self) -> Mapping[str, object]:
        """The reason, for programs."""
        return {**super().extras(), "reason": self.reason}


def right(session: Session, seminar: Seminar, profile_id: UUID) -> RoomRole | RoomRefused:
    """What the person may be in the seminar's room while it is open, or why nothing."""
    if seminar.teacher_id == profile_id:
        return "host"
    if session.get(SeminarBan, (seminar.id, profile_id)):
        return RoomRefused("banned")
    # The teacher's word is enough: who speaks needs no seat.
    if given := session.get(SeminarRole, (seminar.id, profile_id)):
        return given.role
    reason = _why_no_seat(session, seminar, profile_id)
    return RoomRefused(reason) if reason else "attendee"


def entry(session: Session, seminar: Seminar, profile_id: UUID, now: datetime) -> RoomRole | RoomRefused:
    """What the person may enter the seminar's room as now, or why not."""
    if seminar.state == "cancelled":
        # Its seats are released; the buyer must not read that there was none.
        return RoomRefused("cancelled")
    role = right(session, seminar, profile_id)
    if isinstance(role, RoomRefused):
        return role
    reason = _why_not_now(seminar, now, leads=role in LEADING)
    return RoomRefused(reason) if reason else role


def _why_no_seat(session: Session, seminar: Seminar, profile_id: UUID) -> Refusal | None:
    seat = live_seat(session, seminar.id, profile_id)
    if seat and seat.state == "confirmed":
        # The list of guests, and the access to the course, may have changed since.
        still = seat.source == "order" or free_source(session, seminar, profile_id) is not None
        return None if still else "not_entitled"
    return "refunded" if _was_paid_back(session, seminar, profile_id) else "not_entitled"


def _was_paid_back(session: Session, seminar: Seminar, profile_id: UUID) -> bool:
    paid_back = (
        exists()
        .where(SeminarSeat.seminar_id == seminar.id, SeminarSeat.profile_id == profile_id)
        .where(SeminarSeat.order_item_id == OrderItem.id, Order.id == OrderItem.order_id)
        .where(or_(OrderItem.refunded_at.is_not(None), Order.state.in_(("refunded", "disputed"))))
    )
    return bool(session.scalar(select(paid_back)))


def _why_not_now(seminar: Seminar, now: datetime, *, leads: bool) -> Refusal | None:
    if seminar.state == "closed" or now >= seminar.ends_at:
        return "ended"
    # Who leads comes in before the doors open.
    opens_at = seminar.starts_at - (PROVISION if leads else DOORS)
    return "too_early" if now < opens_at or seminar.state == "draft" else None
