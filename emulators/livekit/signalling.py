"""The WebSocket between a client and the server: `/rtc/v1`, `/rtc`, and their `/validate`."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import DecodeError
from livekit.protocol.models import Codec, DisconnectReason, ServerInfo
from livekit.protocol.rtc import JoinRequest, JoinResponse, LeaveRequest, SignalRequest, SignalResponse
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from emulators.livekit.access import CallRefusedError, Claims, Key, require
from emulators.livekit.join import read_packed, read_query
from emulators.livekit.live_room import LiveRoom
from emulators.livekit.media.dual_peers import DualPeers
from emulators.livekit.media.peer import Peer, PeerEvents
from emulators.livekit.media.single_peer import SinglePeer
from emulators.livekit.publishing import subscribe_all
from emulators.livekit.rooms import CODECS, Rooms
from emulators.livekit.session import Session

_log = logging.getLogger(__name__)
# The release that the emulator was compared with; the SDKs choose by it what they may ask for.
_VERSION: Final = "1.9.11"
_PROTOCOL: Final = 16
# Seconds. A client pings so often, and gives up after so long.
_PING_EVERY, _PING_TIMEOUT = 5, 15
# How long a member without a signal connection stays, while its media connection stands.
_GRACE_S: Final = 15.0


@dataclass(frozen=True, slots=True)
class Way:
    """A way in: how the join request is read, and what connection the client wants."""

    read: Callable[[Mapping[str, str]], JoinRequest]
    make_peer: Callable[[PeerEvents], Peer]
    subscriber_primary: bool


V1: Final = Way(read_packed, SinglePeer, subscriber_primary=False)
V0: Final = Way(read_query, DualPeers, subscriber_primary=True)


@dataclass(frozen=True, slots=True)
class Signalling:
    """Lets clients into the rooms."""

    rooms: Rooms
    key: Key
    grace_s: float = _GRACE_S

    async def validate(self, request: Request) -> Response:
        """Tell a client whose WebSocket was refused why."""
        try:
            self._admitted(request)
        except CallRefusedError as error:
            return PlainTextResponse(str(error), error.status)
        return PlainTextResponse("success")

    async def join_v1(self, websocket: WebSocket) -> None:
        """Serve a client with one media connection."""
        await self._serve(websocket, V1)

    async def join(self, websocket: WebSocket) -> None:
        """Serve a client with two media connections."""
        await self._serve(websocket, V0)

    def _admitted(self, connection: HTTPConnection) -> tuple[Claims, LiveRoom]:
        claims = self.key.claims_of(connection)
        require(claims.grants, "roomJoin")
        if not claims.identity:
            raise CallRefusedError("invalid_argument", 400, "identity cannot be empty")
        return claims, self.rooms.admit(claims.grants.get("room", ""), claims.identity)

    async def _serve(self, websocket: WebSocket, way: Way) -> None:
        try:
            claims, room = self._admitted(websocket)
            request = way.read(websocket.query_params)
        except CallRefusedError as error:
            await websocket.send_denial_response(PlainTextResponse(str(error), error.status))
            return
        await websocket.accept()
        if request.reconnect:
            await _ask_to_join_anew(websocket)
            return
        session = Session(self.rooms, room, claims, way.make_peer)
        session.member.auto_subscribe = request.connection_settings.auto_subscribe
        self.rooms.enter(room, session.member)
        writer = asyncio.create_task(_write(websocket, session))
        try:
            session.member.send(SignalResponse(join=_welcome(room, session, way)))
            await self._begin(session, room, request)
            await _read(websocket, session)
            await self._wait_for_end(session)
        finally:
            session.leave(DisconnectReason.SIGNAL_CLOSE)
            await writer
            await session.member.peer.close()

    async def _begin(self, session: Session, room: LiveRoom, request: JoinRequest) -> None:
        for track in request.add_track_requests:
            session.add_track(track)
        await session.member.peer.start()
        subscribe_all(room, session.member)
        if request.publisher_offer.sdp:
            await session.offer(request.publisher_offer)

    async def _wait_for_end(self, session: Session) -> None:
        """The client closed without a word: its media connection may stand, and it may come back."""
        if session.is_active:
            with suppress(TimeoutError):
                await asyncio.wait_for(session.member.ended.wait(), self.grace_s)


def _welcome(room: LiveRoom, session: Session, way: Way) -> JoinResponse:
    others = [other.info for other in room.others(session.member) if not other.info.permission.hidden]
    return JoinResponse(
        room=room.shown(),
        participant=session.member.info,
        other_participants=others,
        server_version=_VERSION,
        server_info=ServerInfo(version=_VERSION, protocol=_PROTOCOL, node_id="ND_emulator"),
        subscriber_primary=way.subscriber_primary,
        ping_interval=_PING_EVERY,
        ping_timeout=_PING_TIMEOUT,
        enabled_publish_codecs=[Codec(mime=mime) for mime in CODECS],
    )


async def _read(websocket: WebSocket, session: Session) -> None:
    """Handle what the client sends, until it leaves or is sent out."""
    while not session.has_left:
        try:
            payload = await websocket.receive_bytes()
        except (WebSocketDisconnect, KeyError):
            return
        try:
            await session.handle(SignalRequest.FromString(payload))
        except DecodeError:
            _log.warning("%s sent a signal that cannot be read", session.member.info.identity)


async def _write(websocket: WebSocket, session: Session) -> None:
    """Send what is in the outbox, until its end; to a client that is gone too, so that it empties."""
    while response := await session.member.outbox.get():
        with suppress(WebSocketDisconnect, RuntimeError):
            await websocket.send_bytes(response.SerializeToString())
    with suppress(WebSocketDisconnect, RuntimeError):
        await websocket.close()


async def _ask_to_join_anew(websocket: WebSocket) -> None:
    """A media connection of aiortc cannot be resumed. So the client joins as a new one, as after a server's restart."""
    leave = LeaveRequest(reason=DisconnectReason.STATE_MISMATCH, action=LeaveRequest.RECONNECT)
    await websocket.send_bytes(SignalResponse(leave=leave).SerializeToString())
    await websocket.close()
