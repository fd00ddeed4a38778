"""What the business needs from a server of live rooms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

RoomRole = Literal["host", "co_host", "speaker", "attendee"]


@dataclass(frozen=True, slots=True)
class RoomPlan:
    """A room to be made; `metadata` is for its participants.

    It ends when nobody was there for `empty_timeout`, or when the last one has left for `departure_timeout`.
    """

    name: str
    max_participants: int
    empty_timeout: timedelta
    departure_timeout: timedelta
    metadata: str


@dataclass(frozen=True, slots=True)
class RoomParticipant:
    """Somebody in a room; `identity` is the profile's id, `sid` the server's id of this stay."""

    identity: str
    sid: str
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class RoomGrant:
    """Who may enter a room, as what and until when; a token says it to the server."""

    room: str
    identity: str
    name: str
    role: RoomRole
    life: timedelta


class RoomGateway(Protocol):
    """Makes and ends rooms. Each call may be repeated. Raises `GatewayUnavailable` or `GatewayRejected`."""

    def create(self, plan: RoomPlan) -> int:
        """Make a room; one that is there stays as it is. Returns how many are in it."""
        ...

    def participants(self, name: str) -> Sequence[RoomParticipant]:
        """Who is in the room; nobody if it is gone."""
        ...

    def remove(self, name: str, identity: str) -> bool:
        """Send somebody out, and return whether they were there."""
        ...

    def change(self, name: str, identity: str, role: RoomRole) -> None:
        """Let somebody be this from now on; who is not there is no error."""
        ...

    def mute(self, name: str, identity: str) -> None:
        """Mute somebody's microphones; who is not there, or has none, is no error."""
        ...

    def send(self, name: str, topic: str, text: str) -> None:
        """Send a message to everyone in the room. Raises GatewayNotFound when the room is gone."""
        ...

    def delete(self, name: str) -> None:
        """End a room, and send everyone out; one that is gone is no error."""
        ...


class RoomTokens(Protocol):
    """Signs tokens, without a call."""

    def sign(self, grant: RoomGrant) -> str:
        """The token that a client enters with."""
        ...
