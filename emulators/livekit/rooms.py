"""The rooms that are there, and who comes and goes."""

from collections.abc import Callable
from typing import Final

from livekit.protocol.models import Codec, DisconnectReason, ParticipantInfo, Room
from livekit.protocol.room import CreateRoomRequest

from emulators.livekit.access import CallRefusedError
from emulators.livekit.ids import new_id
from emulators.livekit.live_room import LiveRoom
from emulators.livekit.members import Member
from emulators.livekit.publishing import unpublish
from emulators.livekit.webhook_events import Reports

# Seconds; the server's own defaults.
_EMPTY_TIMEOUT, _DEPARTURE_TIMEOUT = 300, 20
# What the emulator can forward.
CODECS: Final = ("audio/opus", "video/VP8", "video/H264")
# A member that came in, and a member that was only about to.
_LEFT, _ABORTED = "participant_left", "participant_connection_aborted"


class Rooms:
    """All rooms of the server; those that were empty for too long are gone."""

    def __init__(self, reports: Reports) -> None:
        self.reports = reports
        self._rooms: dict[str, LiveRoom] = {}

    @property
    def now(self) -> Callable[[], float]:
        """The clock, seconds since 1970."""
        return self.reports.now

    def create(self, request: CreateRoomRequest) -> LiveRoom:
        """A new room, or the one that is there, unchanged."""
        self.close_empty()
        if request.name not in self._rooms:
            now = self.now()
            info = Room(
                sid=new_id("RM_"),
                name=request.name,
                empty_timeout=request.empty_timeout or _EMPTY_TIMEOUT,
                departure_timeout=request.departure_timeout or _DEPARTURE_TIMEOUT,
                max_participants=request.max_participants,
                metadata=request.metadata,
                creation_time=int(now),
                creation_time_ms=int(now * 1000),
                enabled_codecs=[Codec(mime=mime) for mime in CODECS],
            )
            self._rooms[request.name] = LiveRoom(info, empty_since=now)
            self.reports.room("room_started", info)
        return self._rooms[request.name]

    def all(self) -> list[LiveRoom]:
        """The rooms, the oldest first."""
        self.close_empty()
        return list(self._rooms.values())

    def get(self, name: str) -> LiveRoom:
        """Raises CallRefusedError (404)."""
        self.close_empty()
        if name not in self._rooms:
            raise CallRefusedError("not_found", 404, "requested room does not exist")
        return self._rooms[name]

    def member(self, name: str, identity: str) -> tuple[LiveRoom, Member]:
        """Somebody, with the room. Raises CallRefusedError (404)."""
        room = self.get(name)
        if identity not in room.members:
            raise CallRefusedError("not_found", 404, "participant does not exist")
        return room, room.members[identity]

    def admit(self, name: str, identity: str) -> LiveRoom:
        """The room that somebody may come into. Raises CallRefusedError: 404 no room, 500 full, as in the server."""
        room = self.get(name)
        most = room.info.max_participants
        if most and identity not in room.members and len(room.members) >= most:
            raise CallRefusedError("unavailable", 500, "room has exceeded its max participants")
        return room

    def enter(self, room: LiveRoom, member: Member) -> None:
        """Come in. The same identity, if it is there, is sent out."""
        if old := room.members.get(member.info.identity):
            self.leave(room, old, DisconnectReason.DUPLICATE_IDENTITY)
        room.members[member.info.identity] = member
        room.empty_since, room.was_used = None, True

    def activate(self, room: LiveRoom, member: Member) -> None:
        """The member's media connection stands."""
        if member.info.state == ParticipantInfo.JOINED:
            member.info.state = ParticipantInfo.ACTIVE
            room.tell(member)
            self.reports.participant("participant_joined", room.shown(), member.info)

    def leave(self, room: LiveRoom, member: Member, reason: DisconnectReason) -> None:
        """Leave, or be sent out. A member that has left already is no error."""
        if room.members.get(member.info.identity) is not member:
            return
        kind = _LEFT if member.info.state == ParticipantInfo.ACTIVE else _ABORTED
        for sid in list(member.tracks):
            unpublish(self.reports, room, member, sid)
        shown = room.shown()
        del room.members[member.info.identity]
        member.info.state, member.info.disconnect_reason = ParticipantInfo.DISCONNECTED, reason
        room.tell(member)
        member.end(reason)
        if not room.members:
            room.empty_since = self.now()
        self.reports.participant(kind, shown, member.info)

    def delete(self, name: str, reason: DisconnectReason = DisconnectReason.ROOM_DELETED) -> None:
        """End a room, and send everyone out. Raises CallRefusedError (404)."""
        room = self.get(name)
        for member in list(room.members.values()):
            self.leave(room, member, reason)
        self._end(room)

    def close_empty(self) -> None:
        """End the rooms that were empty for too long."""
        now = self.now()
        for room in list(self._rooms.values()):
            patience = room.info.departure_timeout if room.was_used else room.info.empty_timeout
            if room.empty_since is not None and now - room.empty_since >= patience:
                self._end(room)

    def _end(self, room: LiveRoom) -> None:
        del self._rooms[room.info.name]
        self.reports.room("room_finished", room.shown())
