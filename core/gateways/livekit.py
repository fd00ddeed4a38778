"""Live rooms by LiveKit: its room service through the official SDK, and the tokens that clients enter with."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar

import aiohttp
from livekit.api import AccessToken, LiveKitAPI, TwirpError, VideoGrants
from livekit.protocol.room import (
    CreateRoomRequest,
    DeleteRoomRequest,
    ListParticipantsRequest,
    RoomParticipantIdentity,
)

from core.ports.errors import GatewayNotFound, GatewayRejected, GatewayUnavailable
from core.ports.rooms import RoomGrant, RoomParticipant, RoomPlan

# Seconds for one call: a room is made within milliseconds.
CALL_S: Final = 5.0
_SERVER_FAULT: Final = 500
# The key is wrong, or too many calls are made: mended or over soon.
_PASSING: Final = frozenset({"unauthenticated", "permission_denied", "resource_exhausted", "unavailable"})
_Answer = TypeVar("_Answer")


class LiveKitGateway:
    """Calls the room service at `url`. Each call may take 5 s; the job repeats it, not the SDK."""

    def __init__(self, url: str, key: str, secret: str) -> None:
        self._url, self._key, self._secret = url, key, secret

    def create(self, plan: RoomPlan) -> None:
        """Make a room; one that is there stays as it is."""
        request = CreateRoomRequest(
            name=plan.name,
            max_participants=plan.max_participants,
            empty_timeout=int(plan.empty_timeout.total_seconds()),
            departure_timeout=int(plan.departure_timeout.total_seconds()),
            metadata=plan.metadata,
        )
        self._call(lambda api: api.room.create_room(request))

    def participants(self, name: str) -> Sequence[RoomParticipant]:
        """Who is in the room; nobody if it is gone."""
        try:
            found = self._call(lambda api: api.room.list_participants(ListParticipantsRequest(room=name)))
        except GatewayNotFound:
            return ()
        return [RoomParticipant(one.identity, datetime.fromtimestamp(one.joined_at, UTC)) for one in found.participants]

    def remove(self, name: str, identity: str) -> None:
        """Send somebody out; who is not there, or a room that is gone, is no error."""
        request = RoomParticipantIdentity(room=name, identity=identity)
        self._call_on_what_may_be_gone(lambda api: api.room.remove_participant(request))

    def delete(self, name: str) -> None:
        """End a room, and send everyone out; one that is gone is no error."""
        self._call_on_what_may_be_gone(lambda api: api.room.delete_room(DeleteRoomRequest(room=name)))

    def _call_on_what_may_be_gone(self, request: Callable[[LiveKitAPI], Awaitable[object]]) -> None:
        try:
            self._call(request)
        except GatewayNotFound:
            return

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
        leads = grant.role == "host"
        grants = VideoGrants(
            room_join=True,
            room=grant.room,
            room_admin=True if leads else None,
            can_publish=leads,
            can_publish_data=leads,
            can_subscribe=True,
            can_update_own_metadata=False,
        )
        token = AccessToken(self._key, self._secret).with_identity(grant.identity).with_name(grant.name)
        return token.with_grants(grants).with_ttl(grant.life).to_jwt()


def _translated(error: TwirpError) -> GatewayUnavailable | GatewayRejected:
    said = f"LiveKit: {error.code}"
    if error.status >= _SERVER_FAULT or error.code in _PASSING:
        return GatewayUnavailable(said)
    return GatewayNotFound(said) if error.code == "not_found" else GatewayRejected(said)
