"""Let somebody into a seminar's room: checked and audited in one transaction, the room made in none."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.offers.seats import lock_seminar
from core.ports.errors import GatewayError
from core.ports.rooms import RoomGateway, RoomGrant, RoomPlan
from core.problems import NotFound, Problem
from core.seminars.entitled import RoomRefused, entry
from core.seminars.rooms import plan_of
from db.models import Profile, Seminar

# Of a token. A connection that is open stays so; who was sent out could come back with it for so long.
LIFE: Final = timedelta(minutes=5)
RETRY_AFTER: Final = 2


class RoomUnavailable(Problem):
    """The server of rooms does not answer."""

    code = "room_unavailable"
    title = "The room cannot be reached right now."
    status = 503


@dataclass(frozen=True, slots=True)
class Admission:
    """Who comes in, and the room, which is made again if it is gone."""

    grant: RoomGrant
    plan: RoomPlan


def admit(session: Session, seminar_id: UUID, profile_id: UUID, now: datetime) -> Admission | RoomRefused:
    """Decide, and write the decision to the audit log. Returns a refusal, so that it is committed. Raises NotFound."""
    seminar = announced_seminar(session, seminar_id, profile_id)
    found = entry(session, seminar, profile_id, now)
    if isinstance(found, RoomRefused):
        return _refused(session, seminar.id, profile_id, found)
    plan = plan_of(seminar, now)
    seminar.room_name = plan.name
    session.flush()
    record(session, Tag.ENTRY_GRANTED, seminar.id, actor_id=profile_id, data={"role": found})
    name = session.get_one(Profile, profile_id).display_name
    life = min(LIFE, seminar.ends_at - now)
    return Admission(RoomGrant(plan.name, str(profile_id), name, found, life), plan)


def announced_seminar(session: Session, seminar_id: UUID, profile_id: UUID) -> Seminar:
    """The seminar, locked; drafts are their teachers' only. Raises NotFound."""
    seminar = lock_seminar(session, seminar_id)
    if seminar.state == "draft" and seminar.teacher_id != profile_id:
        raise NotFound(f"There is no seminar {seminar_id}.")
    return seminar


def has_room(admission: Admission, rooms: RoomGateway) -> bool:
    """Make the room if it is gone, and tell whether one more may come in. Raises RoomUnavailable."""
    plan, identity = admission.plan, admission.grant.identity
    try:
        there = rooms.create(plan)
        # Who is there already, on another device or before a reconnect, takes the own place.
        return there < plan.max_participants or identity in {one.identity for one in rooms.participants(plan.name)}
    except GatewayError as error:
        raise RoomUnavailable("Try again in a moment.", retry_after=RETRY_AFTER) from error


def refuse_full(session: Session, seminar_id: UUID, profile_id: UUID) -> RoomRefused:
    """Write to the audit log that the room was full."""
    return _refused(session, seminar_id, profile_id, RoomRefused("full"))


def _refused(session: Session, seminar_id: UUID, profile_id: UUID, refusal: RoomRefused) -> RoomRefused:
    record(session, Tag.ENTRY_REFUSED, seminar_id, actor_id=profile_id, data={"reason": refusal.reason})
    return refusal
