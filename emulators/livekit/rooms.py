"""The rooms that are there, and who is in them."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from livekit.protocol.models import ParticipantInfo, Room
from livekit.protocol.room import CreateRoomRequest

from emulators.livekit.access import CallRefusedError

# Seconds; the server's own defaults.
_EMPTY_TIMEOUT, _DEPARTURE_TIMEOUT = 300, 20


@dataclass(slots=True)
class LiveRoom:
    """A room with its participants by identity; `empty_since` is None while somebody is there."""

    info: Room
    participants: dict[str, ParticipantInfo] = field(default_factory=dict[str, ParticipantInfo])
    empty_since: float | None = None
    was_used: bool = False


class Rooms:
    """All rooms of the server; those that were empty for too long are gone."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._rooms: dict[str, LiveRoom] = {}

    def create(self, request: CreateRoomRequest) -> LiveRoom:
        """A new room, or the one that is there, unchanged."""
        self._close_empty()
        if request.name not in self._rooms:
            info = Room(
                sid=f"RM_{secrets.token_urlsafe(9)}",
                name=request.name,
                empty_timeout=request.empty_timeout or _EMPTY_TIMEOUT,
                departure_timeout=request.departure_timeout or _DEPARTURE_TIMEOUT,
                max_participants=request.max_participants,
                metadata=request.metadata,
                creation_time=int(self._now()),
            )
            self._rooms[request.name] = LiveRoom(info, empty_since=self._now())
        return self._rooms[request.name]

    def all(self) -> list[LiveRoom]:
        """The rooms, the oldest first."""
        self._close_empty()
        return list(self._rooms.values())

    def get(self, name: str) -> LiveRoom:
        """Raises CallRefusedError (404)."""
        self._close_empty()
        if name not in self._rooms:
            raise CallRefusedError("not_found", 404, "requested room does not exist")
        return self._rooms[name]

    def delete(self, name: str) -> LiveRoom:
        """End a room. Raises CallRefusedError (404)."""
        room = self.get(name)
        del self._rooms[name]
        return room

    def remove(self, name: str, identity: str) -> ParticipantInfo:
        """Send somebody out. Raises CallRefusedError (404)."""
        room = self.get(name)
        if identity not in room.participants:
            raise CallRefusedError("not_found", 404, "participant does not exist")
        gone = room.participants.pop(identity)
        if not room.participants:
            room.empty_since = self._now()
        return gone

    def _close_empty(self) -> None:
        now = self._now()
        for name, room in list(self._rooms.items()):
            patience = room.info.departure_timeout if room.was_used else room.info.empty_timeout
            if room.empty_since is not None and now - room.empty_since >= patience:
                del self._rooms[name]
