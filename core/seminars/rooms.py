"""The rooms of seminars: made before the doors open, and ended after the end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import orjson
from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.jobs.enqueue import NewJob, enqueue
from core.messages import AlignParticipant, CloseRoom, ProvisionRoom
from core.offers.seats import ANNOUNCED, lock_seminar
from core.ports.rooms import RoomGateway, RoomPlan
from core.seminars.steps import CLOSE, Step, due
from db.models import Attendance, Seminar, SeminarSeat

# The teacher, and who helps.
HOSTS: Final = 5
# Somebody whose network fails for a moment comes back into the same room.
_DEPARTURE: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class RoomCall:
    """A room to be made, or by its name to be ended."""

    seminar_id: UUID
    plan: RoomPlan | None = None
    ended: str | None = None

    def make(self, gateway: RoomGateway) -> None:
        """Call the server. Raises GatewayUnavailable, GatewayRejected."""
        if self.plan:
            gateway.create(self.plan)
        if self.ended:
            gateway.delete(self.ended)


def align(session: Session, seminar: Seminar, profile_id: UUID, *, stay: str | None = None) -> None:
    """Have somebody's right at a seminar take effect in its room, if it has one now."""
    if is_live(seminar):
        message = AlignParticipant(seminar_id=seminar.id, profile_id=profile_id)
        # One at a time, so that the last change is the one that stays; a stay that was told twice is one job.
        key, told = f"align:{seminar.id}:{profile_id}", stay and f"align:{stay}"
        enqueue(session, NewJob(message=message, concurrency_key=key, dedupe_key=told))


def is_live(seminar: Seminar) -> bool:
    """Whether there can be people in its room. Who enters makes the room too, before the schedule does."""
    return seminar.room_name is not None and seminar.state in ANNOUNCED


def room_name(seminar: Seminar) -> str:
    """The name of the seminar's room."""
    return f"seminar-{seminar.id}"


def plan_of(seminar: Seminar, now: datetime) -> RoomPlan:
    """The seminar's room. It stays until after the end, also while nobody is there."""
    return RoomPlan(
        name=room_name(seminar),
        max_participants=seminar.capacity + HOSTS,
        empty_timeout=seminar.ends_at + CLOSE - now,
        departure_timeout=_DEPARTURE,
        metadata=orjson.dumps({"seminar_id": str(seminar.id), "title": seminar.title}).decode(),
    )


def prepare_room(session: Session, message: ProvisionRoom, now: datetime) -> RoomCall | None:
    """The room to be made; None if it is there, or not wanted any more."""
    seminar = lock_seminar(session, message.seminar_id)
    if seminar.state != "published" or seminar.ends_at <= now:
        return None
    plan = plan_of(seminar, now)
    # Stored before the call, so that a room that was made is ended, whatever happens in between.
    seminar.room_name = plan.name
    return RoomCall(seminar.id, plan=plan)


def finish_room(session: Session, call: RoomCall, now: datetime) -> None:
    """The room is there; if it came late, the doors open at once."""
    seminar = lock_seminar(session, call.seminar_id)
    if seminar.state == "published":
        seminar.state = "provisioned"
        record(session, Tag.SEMINAR_PROVISIONED, seminar.id)
        if Step.OPEN in due(seminar, now):
            open_doors(session, seminar, now)
    session.flush()


def open_doors(session: Session, seminar: Seminar, now: datetime) -> None:
    """Let those with a seat in."""
    seminar.state, seminar.opened_at = "open", now
    record(session, Tag.SEMINAR_OPENED, seminar.id)


def prepare_end(session: Session, message: CloseRoom) -> RoomCall | None:
    """The room to be ended; None if the seminar is closed already."""
    seminar = lock_seminar(session, message.seminar_id)
    return None if seminar.closed_at else RoomCall(seminar.id, ended=seminar.room_name)


def finish_end(session: Session, call: RoomCall, now: datetime) -> None:
    """Close the seminar, and keep who came: `summary` has seats, people and their minutes together."""
    seminar = lock_seminar(session, call.seminar_id)
    if seminar.closed_at:
        return
    was_cancelled = seminar.state == "cancelled"
    seminar.state, seminar.closed_at = ("cancelled" if was_cancelled else "closed"), now
    stays = Attendance.seminar_id == seminar.id
    ended = func.greatest(Attendance.joined_at, case((Attendance.joined_at < seminar.ends_at, seminar.ends_at)))
    session.execute(update(Attendance).where(stays, Attendance.left_at.is_(None)).values(left_at=ended))
    waiting = (SeminarSeat.seminar_id == seminar.id) & SeminarSeat.state.in_(("waitlisted", "offered"))
    session.execute(update(SeminarSeat).where(waiting).values(state="released", held_until=None))
    seminar.summary = _summary(session, seminar)
    session.flush()
    record(session, Tag.SEMINAR_CLOSED, seminar.id, data=seminar.summary)


def _summary(session: Session, seminar: Seminar) -> dict[str, int]:
    confirmed = (SeminarSeat.seminar_id == seminar.id) & (SeminarSeat.state == "confirmed")
    seats = session.scalar(select(func.count()).where(confirmed)) or 0
    minutes = func.coalesce(func.sum(func.extract("epoch", Attendance.left_at - Attendance.joined_at)), 0) / 60
    people, spent = session.execute(
        select(func.count(func.distinct(Attendance.profile_id)), minutes).where(Attendance.seminar_id == seminar.id)
    ).one()
    return {"seats": seats, "people": int(people), "minutes": round(float(spent))}
