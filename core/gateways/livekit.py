"""Live rooms by LiveKit: its room service through the official SDK, and the tokens that clients enter with."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar
from uuid import uuid4

import aiohttp
import orjson
from livekit.api import AccessToken, LiveKitAPI, TwirpError, VideoGrants
from livekit.protocol.models import DataPacket, ParticipantPermission, TrackSource
from livekit.protocol.room import (
    CreateRoomRequest,
    DeleteRoomRequest,
    ListParticipantsRequest,
    MuteRoomTrackRequest,
    RoomParticipantIdentity,
    SendDataRequest,
    UpdateParticipantRequest,
)

from core.ports.errors import GatewayNotFound, GatewayRejected, GatewayUnavailable
from core.ports.rooms import RoomGrant, RoomParticipant, RoomPlan, RoomRole

# Seconds for one call: a room is made within milliseconds.
CALL_S: Final = 5.0
_SERVER_FAULT: Final = 500
# The key is wrong, or too many calls are made: mended or over soon. A wrong key is answered in plain text, without a code.
_PASSING: Final = frozenset({401, 403, 429})
_Answer = TypeVar("_Answer")


class LiveKitGateway:
    """Calls the room service at `url`. Each call may take 5 s; the job repeats it, not the SDK."""

    def __init__(self, url: str, key: str, secret: str) -> None:
        self._url, self._key, self._secret = url, key, secret

    def create(self, plan: RoomPlan) -> int:
        """Make a room; one that is there stays as it is. Returns how many are in it."""
        request = CreateRoomRequest(
            name=plan.name,
            max_participants=plan.max_participants,
            empty_timeout=int(plan.empty_timeout.total_seconds()),
            departure_timeout=int(plan.departure_timeout.total_seconds()),
            metadata=plan.metadata,
        )
        return self._call(lambda api: api.room.create_room(request)).num_participants

    def participants(self, name: str) -> Sequence[RoomParticipant]:
        """Who is in the room; nobody if it is gone."""
        found = self._call_if_there(lambda api: api.room.list_participants(ListParticipantsRequest(room=name)))
        there = found.participants if found else ()
        return [RoomParticipant(one.identity, one.sid, datetime.fromtimestamp(one.joined_at, UTC)) for one in there]

    def remove(self, name: str, identity: str) -> bool:
        """Send somebody out, and return whether they were there."""
        request = RoomParticipantIdentity(room=name, identity=identity)
        return self._call_if_there(lambda api: api.room.remove_participant(request)) is not None

    def change(self, name: str, identity: str, role: RoomRole) -> None:
        """Let somebody be this from now on; who is not there is no error."""
        permission = ParticipantPermission(
            can_subscribe=True, can_publish=_speaks(role), can_publish_data=_speaks(role), can_update_metadata=False
        )
        request = UpdateParticipantRequest(
            room=name, identity=identity, permission=permission, metadata=_metadata_of(role)
        )
        self._call_if_there(lambda api: api.room.update_participant(request))

    def mute(self, name: str, identity: str) -> None:
        """Mute somebody's microphones; who is not there, or has none, is no error."""
        who = RoomParticipantIdentity(room=name, identity=identity)
        found = self._call_if_there(lambda api: api.room.get_participant(who))
        for track in found.tracks if found else ():
            if track.source == TrackSource.MICROPHONE and not track.muted:
                request = MuteRoomTrackRequest(room=name, identity=identity, track_sid=track.sid, muted=True)
                self._call_if_there(lambda api, request=request: api.room.mute_published_track(request))

    def send(self, name: str, topic: str, text: str) -> None:
        """Send a message to everyone in the room. Raises GatewayNotFound when the room is gone."""
        request = SendDataRequest(
            room=name, data=text.encode(), kind=DataPacket.RELIABLE, topic=topic, nonce=uuid4().bytes
        )
        self._call(lambda api: api.room.send_data(request))

    def delete(self, name: str) -> None:
        """End a room, and send everyone out; one that is gone is no error."""
        self._call_if_there(lambda api: api.room.delete_room(DeleteRoomRequest(room=name)))

    def _call_if_there(self, request: Callable[[LiveKitAPI], Awaitable[_Answer]]) -> _Answer | None:
        """The answer; None if what it is about is gone."""
        try:
            return self._call(request)
        except GatewayNotFound:
            return None

    def _call(self, request: Callable[[LiveKitAPI], Awaitable[_Answer]]) -> _Answer:
        """The answer. Raises GatewayUnavailable, GatewayRejected, GatewayNotFound."""
        try:
            return asyncio.run(self._ask(request))
        except TwirpError as error:
            raise _translated(error) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise GatewayUnavailable(f"LiveKit: {type(error).__name__}") from error

    async def _ask(self, request: Callable[[LiveKitAPI], Awaitable[_Answer]]) -> _Answer:
        # The SDK hands no timeout of its own to its calls.
        async with asyncio.timeout(CALL_S), LiveKitAPI(self._url, self._key, self._secret, failover=False) as api:
            return await request(api)


class LiveKitTokens:
    """Signs tokens with the server's key. They give no right but to enter one room, and a host's to lead it."""

    def __init__(self, key: str, secret: str) -> None:
        self._key, self._secret = key, secret

    def sign(self, grant: RoomGrant) -> str:
        """The token of one participant; it is short-lived, because one who was sent out could come back with it."""
        grants = VideoGrants(
            room_join=True,
            room=grant.room,
            room_admin=True if grant.role == "host" else None,
            can_publish=_speaks(grant.role),
            can_publish_data=_speaks(grant.role),
            can_subscribe=True,
            can_update_own_metadata=False,
        )
        token = AccessToken(self._key, self._secret).with_identity(grant.identity).with_name(grant.name)
        return token.with_metadata(_metadata_of(grant.role)).with_grants(grants).with_ttl(grant.life).to_jwt()


def _speaks(role: RoomRole) -> bool:
    """Whether a role may be seen and heard."""
    return role != "attendee"


def _metadata_of(role: RoomRole) -> str:
    """What the other clients read of a participant."""
    return orjson.dumps({"role": role}).decode()


def _translated(error: TwirpError) -> GatewayUnavailable | GatewayRejected:
    said = f"LiveKit: {error.status} {error.code}"
    if error.status >= _SERVER_FAULT or error.status in _PASSING:
        return GatewayUnavailable(said)
    return GatewayNotFound(said) if error.code == "not_found" else GatewayRejected(said)
