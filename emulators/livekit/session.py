"""One client's session: what it asks for, and what follows for the room."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from google.protobuf.message import DecodeError
from livekit.protocol.models import DataPacket, DisconnectReason, ParticipantInfo, TrackInfo
from livekit.protocol.rtc import (
    AddTrackRequest,
    MuteTrackRequest,
    Ping,
    Pong,
    RequestResponse,
    SessionDescription,
    SignalRequest,
    SignalResponse,
    TrackPublishedResponse,
    UpdateParticipantMetadata,
    UpdateSubscription,
)

from emulators.livekit.access import Claims, may_publish
from emulators.livekit.data import forward
from emulators.livekit.ids import new_id
from emulators.livekit.live_room import LiveRoom
from emulators.livekit.media.peer import Peer, PeerEvents, SentTrack
from emulators.livekit.members import Member, new_participant
from emulators.livekit.publishing import apply_sent
from emulators.livekit.rooms import Rooms

_log = logging.getLogger(__name__)
# Seconds that a client without a media connection has for its last signal.
_LAST_WORD_S: Final = 1.0


class Session:
    """Handles the client's signals, and the events of its media connection."""

    def __init__(self, rooms: Rooms, room: LiveRoom, claims: Claims, make_peer: Callable[[PeerEvents], Peer]) -> None:
        self._rooms, self._room = rooms, room
        outbox: asyncio.Queue[SignalResponse | None] = asyncio.Queue()
        events = PeerEvents(outbox.put_nowait, self._connected, self._lost, self._sends, self._data)
        now = rooms.now()
        self.member = Member(new_participant(claims, now), claims, make_peer(events), outbox, token_at=now)

    @property
    def is_active(self) -> bool:
        """Whether the media connection stands."""
        return self.member.info.state == ParticipantInfo.ACTIVE

    @property
    def has_left(self) -> bool:
        """Whether the member is out."""
        return self.member.info.state == ParticipantInfo.DISCONNECTED

    async def handle(self, request: SignalRequest) -> None:
        """Do what the client asks for; what the emulator does not know is ignored."""
        kind = request.WhichOneof("message")
        if kind in _ASYNC_HANDLERS:
            await _ASYNC_HANDLERS[kind](self, getattr(request, kind))
        elif kind in _HANDLERS:
            _HANDLERS[kind](self, getattr(request, kind))

    def leave(self, reason: DisconnectReason) -> None:
        """Leave the room."""
        self._rooms.leave(self._room, self.member, reason)

    async def offer(self, offer: SessionDescription) -> None:
        """The client offers media."""
        await self.member.peer.offered(offer)

    async def answer(self, answer: SessionDescription) -> None:
        """The client answers an offer."""
        await self.member.peer.answered(answer)

    def add_track(self, asked: AddTrackRequest) -> None:
        """The client will send a track. Without permission there is no answer, as in the server."""
        if not may_publish(self.member.info.permission, asked.source):
            return
        info = TrackInfo(
            sid=new_id("TR_"),
            type=asked.type,
            name=asked.name,
            muted=asked.muted,
            width=asked.width,
            height=asked.height,
            source=asked.source,
            stream=asked.stream,
            layers=asked.layers,
            disable_dtx=asked.disable_dtx,
            stereo=asked.stereo,
        )
        self.member.pending[asked.cid] = info
        self.member.send(SignalResponse(track_published=TrackPublishedResponse(cid=asked.cid, track=info)))

    def mute(self, asked: MuteTrackRequest) -> None:
        """The client mutes a track, or unmutes it."""
        if track := self.member.tracks.get(asked.sid):
            track.info.muted = asked.muted
            self.member.refresh()
            self._room.tell(self.member)
        for info in self.member.pending.values():
            if info.sid == asked.sid:
                info.muted = asked.muted

    def subscribe(self, asked: UpdateSubscription) -> None:
        """The client wants a track, or wants it no more."""
        may = self.member.info.permission.can_subscribe
        named = [sid for each in asked.participant_tracks for sid in each.track_sids]
        for sid in (*asked.track_sids, *named):
            track = self._room.find_track(sid)
            if track and asked.subscribe and may:
                self.member.peer.subscribe(track)
            elif track and not asked.subscribe:
                self.member.peer.unsubscribe(track)

    def update_metadata(self, asked: UpdateParticipantMetadata) -> None:
        """The client renames itself, if it may."""
        may = self.member.info.permission.can_update_metadata
        reason = RequestResponse.OK if may else RequestResponse.NOT_ALLOWED
        if may:
            self.member.describe(asked.name, asked.metadata, asked.attributes)
            self._room.tell(self.member)
        answer = RequestResponse(request_id=asked.request_id, reason=reason, update_metadata=asked)
        self.member.send(SignalResponse(request_response=answer))

    def ping(self, asked: Ping) -> None:
        """Answer, with the client's stamp."""
        now = int(self._rooms.now() * 1000)
        self.member.send(SignalResponse(pong_resp=Pong(last_ping_timestamp=asked.timestamp, timestamp=now)))

    def old_ping(self, asked: int) -> None:
        """The form of older clients."""
        self.member.send(SignalResponse(pong=asked))

    def leave_by_itself(self, _asked: object) -> None:
        """The client leaves."""
        self.leave(DisconnectReason.CLIENT_INITIATED)

    def _connected(self) -> None:
        if not self.has_left:
            self._rooms.activate(self._room, self.member)

    def _lost(self) -> None:
        # A client that leaves says so, and hangs up; its word may come second.
        asyncio.get_running_loop().call_later(_LAST_WORD_S, self.leave, DisconnectReason.CONNECTION_TIMEOUT)

    def _sends(self, sent: Sequence[SentTrack]) -> None:
        if not self.has_left:
            apply_sent(self._rooms.reports, self._room, self.member, sent)

    def _data(self, payload: bytes, label: str) -> None:
        try:
            packet = DataPacket.FromString(payload)
        except DecodeError:
            _log.warning("%s sent data that cannot be read", self.member.info.identity)
            return
        forward(self._room, self.member, packet, label)


_ASYNC_HANDLERS: Final[Mapping[str, Callable[[Session, Any], Awaitable[None]]]] = {
    "offer": Session.offer,
    "answer": Session.answer,
}
_HANDLERS: Final[Mapping[str, Callable[[Session, Any], None]]] = {
    "add_track": Session.add_track,
    "mute": Session.mute,
    "subscription": Session.subscribe,
    "update_metadata": Session.update_metadata,
    "ping_req": Session.ping,
    "ping": Session.old_ping,
    "leave": Session.leave_by_itself,
}
