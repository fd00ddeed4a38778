"""The events that the server tells the application: https://docs.livekit.io/home/server/webhooks."""

import hashlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import jwt
from google.protobuf.json_format import MessageToDict
from livekit.protocol.models import ParticipantInfo, Room, TrackInfo
from livekit.protocol.webhook import WebhookEvent

from emulators.livekit.access import Key
from emulators.livekit.ids import new_id

_LIFE: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Reports:
    """Makes the events, and hands them to `tell`; `now` gives seconds since 1970."""

    now: Callable[[], float]
    tell: Callable[[WebhookEvent], None]

    def room(self, kind: str, room: Room) -> None:
        """`room_started` or `room_finished`."""
        self.tell(self._event(kind, room))

    def participant(self, kind: str, room: Room, participant: ParticipantInfo) -> None:
        """`participant_joined`, `participant_left` or `participant_connection_aborted`."""
        event = self._event(kind, room)
        event.participant.CopyFrom(participant)
        # The tracks have events of their own.
        del event.participant.tracks[:]
        self.tell(event)

    def track(self, kind: str, room: Room, participant: ParticipantInfo, track: TrackInfo) -> None:
        """`track_published` or `track_unpublished`: the room and the participant by their names only."""
        event = self._event(kind, Room(sid=room.sid, name=room.name))
        event.participant.CopyFrom(ParticipantInfo(sid=participant.sid, identity=participant.identity))
        event.track.CopyFrom(track)
        self.tell(event)

    def _event(self, kind: str, room: Room) -> WebhookEvent:
        return WebhookEvent(event=kind, room=room, id=new_id("EV_"), created_at=int(self.now()))


def body_of(event: WebhookEvent) -> dict[str, object]:
    """The event as it is sent: camelCase, 64-bit numbers as text, zero and false left out."""
    return MessageToDict(event)


def signed(body: bytes, key: Key, now: float) -> dict[str, str]:
    """The headers of a delivery: a token with the body's SHA-256, without `Bearer`."""
    begins = datetime.fromtimestamp(now, UTC)
    digest = b64encode(hashlib.sha256(body).digest()).decode()
    claims = {"iss": key.name, "nbf": begins, "exp": begins + _LIFE, "sha256": digest}
    return {
        "Authorization": jwt.encode(claims, key.secret, "HS256"),
        "Content-Type": "application/webhook+json",
    }
