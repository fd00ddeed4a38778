"""Who is in a seminar's room: what LiveKit tells, what is asked, and who must leave."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.messages import AlignParticipant, MuteParticipant, ReadRoom
from core.offers.seats import lock_seminar
from core.outcomes import EventOutcome, Ignored, Processed
from core.ports.rooms import RoomGateway, RoomParticipant, RoomRole
from core.seminars.entitled import RoomRefused, right
from core.seminars.rooms import align, is_live
from db.models import Attendance, Profile, Seminar, WebhookEvent


@dataclass(slots=True)
class RoomReading:
    """A room to be read, and after `make` who is there. `asked_at` is before the answer."""

    seminar_id: UUID
    room: str
    asked_at: datetime
    there: list[RoomParticipant] = field(default_factory=list[RoomParticipant])

    def make(self, rooms: RoomGateway) -> None:
        """Ask. Raises GatewayUnavailable, GatewayRejected."""
        self.there = list(rooms.participants(self.room))


@dataclass(slots=True)
class Alignment:
    """What somebody may be in a room; None for nothing. After `make`, `removed` says whether they were sent out."""

    seminar_id: UUID
    profile_id: UUID
    room: str
    role: RoomRole | None
    removed: bool = False

    def make(self, rooms: RoomGateway) -> None:
        """Send out, or change. Raises GatewayUnavailable, GatewayRejected."""
        if self.role:
            rooms.change(self.room, str(self.profile_id), self.role)
        else:
            self.removed = rooms.remove(self.room, str(self.profile_id))


@dataclass(frozen=True, slots=True)
class Mute:
    """Whose microphones are muted in which room."""

    room: str
    identity: str

    def make(self, rooms: RoomGateway) -> None:
        """Mute. Raises GatewayUnavailable, GatewayRejected."""
        rooms.mute(self.room, self.identity)


def prepare_alignment(session: Session, message: AlignParticipant) -> Alignment | None:
    """What to tell the room; None if nobody can be in it."""
    seminar = session.get_one(Seminar, message.seminar_id)
    if seminar.room_name is None or not is_live(seminar):
        return None
    role = right(session, seminar, message.profile_id)
    may_be = None if isinstance(role, RoomRefused) else role
    return Alignment(seminar.id, message.profile_id, seminar.room_name, may_be)


def finish_alignment(session: Session, call: Alignment) -> None:
    """Keep in the audit log who was sent out."""
    if call.removed:
        data = {"profile_id": str(call.profile_id)}
        record(session, Tag.PARTICIPANT_REMOVED, call.seminar_id, data=data)


def prepare_mute(session: Session, message: MuteParticipant) -> Mute | None:
    """Whom to mute; None if nobody can be in the room."""
    seminar = session.get_one(Seminar, message.seminar_id)
    return Mute(seminar.room_name, str(message.profile_id)) if seminar.room_name and is_live(seminar) else None


def prepare_reading(session: Session, message: ReadRoom, now: datetime) -> RoomReading | None:
    """The room to read; None if nobody can be in it."""
    seminar = session.get_one(Seminar, message.seminar_id)
    return RoomReading(seminar.id, seminar.room_name, now) if seminar.room_name and is_live(seminar) else None


def finish_reading(session: Session, reading: RoomReading) -> None:
    """Begin and end the stays that LiveKit did not tell of, and send out who has no right to be there."""
    seminar = lock_seminar(session, reading.seminar_id)
    for one in reading.there:
        if person := _person(session, one.identity):
            _begin(session, seminar, person, one.sid, one.joined_at)
            _send_out_if_refused(session, seminar, person, one.sid)
    gone = (Attendance.seminar_id == seminar.id) & Attendance.left_at.is_(None)
    gone &= Attendance.participant_sid.not_in([one.sid for one in reading.there])
    # Who came after the question is not in the answer.
    gone &= Attendance.joined_at < reading.asked_at
    session.execute(update(Attendance).where(gone).values(left_at=reading.asked_at))


def apply_joined(session: Session, event: WebhookEvent) -> EventOutcome:
    """A stay began. Who has no right to be there is sent out: a token is valid for some minutes after a ban."""
    found = _subject(session, event)
    if found is None:
        return Ignored("not a participant of ours")
    seminar, person = found
    _begin(session, seminar, person, event.data["sid"], datetime.fromisoformat(event.data["joined_at"]))
    _send_out_if_refused(session, seminar, person, event.data["sid"])
    return Processed("the stay is known")


def apply_left(session: Session, event: WebhookEvent) -> EventOutcome:
    """A stay ended; its beginning may not have been told."""
    found = _subject(session, event)
    if found is None:
        return Ignored("not a participant of ours")
    seminar, person = found
    sid, joined_at = event.data["sid"], datetime.fromisoformat(event.data["joined_at"])
    _begin(session, seminar, person, sid, min(joined_at, event.occurred_at))
    stay = (Attendance.participant_sid == sid) & Attendance.left_at.is_(None)
    left_at = func.greatest(Attendance.joined_at, event.occurred_at)
    session.execute(update(Attendance).where(stay).values(left_at=left_at))
    return Processed("the stay is over")


def apply_ended(session: Session, event: WebhookEvent) -> EventOutcome:
    """A room ended, and every stay in it."""
    seminar = _seminar(session, event.data["room"])
    if seminar is None:
        return Ignored("not a room of ours")
    stays = (Attendance.seminar_id == seminar.id) & Attendance.left_at.is_(None)
    # A room that was made again has stays that began later.
    stays &= Attendance.joined_at <= event.occurred_at
    session.execute(update(Attendance).where(stays).values(left_at=event.occurred_at))
    return Processed("its stays are over")


def _subject(session: Session, event: WebhookEvent) -> tuple[Seminar, UUID] | None:
    seminar = _seminar(session, event.data["room"])
    person = _person(session, event.data["identity"])
    return (seminar, person) if seminar and person else None


def _seminar(session: Session, room: str) -> Seminar | None:
    found = session.scalar(select(Seminar.id).where(Seminar.room_name == room))
    return lock_seminar(session, found) if found else None


def _person(session: Session, identity: str) -> UUID | None:
    try:
        profile_id = UUID(identity)
    except ValueError:
        return None
    return session.scalar(select(Profile.id).where(Profile.id == profile_id))


def _begin(session: Session, seminar: Seminar, person: UUID, sid: str, at: datetime) -> None:
    row = {"seminar_id": seminar.id, "profile_id": person, "participant_sid": sid, "joined_at": at}
    known = insert(Attendance).values(row).on_conflict_do_nothing(index_elements=["participant_sid"])
    session.execute(known)


def _send_out_if_refused(session: Session, seminar: Seminar, person: UUID, sid: str) -> None:
    if isinstance(right(session, seminar, person), RoomRefused):
        align(session, seminar, person, stay=sid)
