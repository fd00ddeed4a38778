"""What those who lead a seminar do: give roles, mute, and send out for good."""

from typing import Final, Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.jobs.enqueue import NewJob, enqueue
from core.messages import MuteParticipant
from core.offers.seats import lock_seminar
from core.problems import NotFound
from core.seminars.entitled import LEADING, right
from core.seminars.problems import HelperLimit, LeaderProtected
from core.seminars.rooms import HOSTS, align
from db.models import Profile, Seminar, SeminarBan, SeminarRole

GivenRole = Literal["co_host", "speaker", "attendee"]
# Each may be in the room without a seat; one place is the teacher's.
MAX_HELPERS: Final = HOSTS - 1


def give_role(session: Session, seminar_id: UUID, leader_id: UUID, profile_id: UUID, role: GivenRole) -> None:
    """Let a person be this at the seminar; it counts in the room within seconds. Only the teacher gives `co_host`.

    Raises NotFound, LeaderProtected, HelperLimit.
    """
    seminar = _led(session, seminar_id, leader_id)
    person = _person(session, profile_id)
    _refuse_leader(session, seminar, leader_id, person)
    if role == "co_host" and leader_id != seminar.teacher_id:
        raise LeaderProtected("Only the teacher decides who leads.", field="role")
    given = session.get(SeminarRole, (seminar.id, person))
    if role == "attendee":
        if given:
            session.delete(given)
    elif given:
        given.role, given.given_by = role, leader_id
    else:
        _refuse_too_many(session, seminar)
        session.add(SeminarRole(seminar_id=seminar.id, profile_id=person, role=role, given_by=leader_id))
    session.flush()
    data = {"profile_id": str(person), "role": role}
    record(session, Tag.ROLE_GIVEN, seminar.id, actor_id=leader_id, data=data)
    align(session, seminar, person)


def mute(session: Session, seminar_id: UUID, leader_id: UUID, profile_id: UUID) -> None:
    """Mute a person's microphones; they may turn them on again. Raises NotFound."""
    seminar = _led(session, seminar_id, leader_id)
    person = _person(session, profile_id)
    enqueue(session, NewJob(message=MuteParticipant(seminar_id=seminar.id, profile_id=person)))


def ban(session: Session, seminar_id: UUID, leader_id: UUID, profile_id: UUID) -> None:
    """Send a person out; they do not come back. The seat stays theirs, and so does a claim to a refund.

    Raises NotFound, LeaderProtected.
    """
    seminar = _led(session, seminar_id, leader_id)
    person = _person(session, profile_id)
    _refuse_leader(session, seminar, leader_id, person)
    if session.get(SeminarBan, (seminar.id, person)):
        return
    if given := session.get(SeminarRole, (seminar.id, person)):
        session.delete(given)
    session.add(SeminarBan(seminar_id=seminar.id, profile_id=person, banned_by=leader_id))
    session.flush()
    record(session, Tag.PARTICIPANT_BANNED, seminar.id, actor_id=leader_id, data={"profile_id": str(person)})
    align(session, seminar, person)


def unban(session: Session, seminar_id: UUID, leader_id: UUID, profile_id: UUID) -> None:
    """Let a person come back. Raises NotFound."""
    seminar = _led(session, seminar_id, leader_id)
    found = session.get(SeminarBan, (seminar.id, profile_id))
    if found is None:
        raise NotFound(f"The person {profile_id} was not sent out.")
    session.delete(found)
    session.flush()
    record(session, Tag.PARTICIPANT_UNBANNED, seminar.id, actor_id=leader_id, data={"profile_id": str(profile_id)})


def _led(session: Session, seminar_id: UUID, leader_id: UUID) -> Seminar:
    """The seminar, locked, if the person leads it. Raises NotFound."""
    seminar = lock_seminar(session, seminar_id)
    if right(session, seminar, leader_id) not in LEADING:
        raise NotFound(f"You lead no seminar {seminar_id}.")
    return seminar


def _person(session: Session, profile_id: UUID) -> UUID:
    found = session.scalar(select(Profile.id).where(Profile.id == profile_id, Profile.erased_at.is_(None)))
    if found is None:
        raise NotFound(f"There is no person {profile_id}.")
    return found


def _refuse_leader(session: Session, seminar: Seminar, leader_id: UUID, person: UUID) -> None:
    """The teacher is protected, and a co-host from other co-hosts. Raises LeaderProtected."""
    given = session.get(SeminarRole, (seminar.id, person))
    is_peer = given is not None and given.role == "co_host" and leader_id != seminar.teacher_id
    if person == seminar.teacher_id or is_peer:
        raise LeaderProtected("Only the teacher decides about those who lead.", field="profile_id")


def _refuse_too_many(session: Session, seminar: Seminar) -> None:
    given = session.scalar(select(func.count()).where(SeminarRole.seminar_id == seminar.id)) or 0
    if given >= MAX_HELPERS:
        raise HelperLimit(f"The seminar has {MAX_HELPERS} co-hosts and speakers.")
