"""A client of `/rtc`: it offers what it sends on one connection; the server offers the rest on another."""

import asyncio
from typing import Final

from aiortc import RTCSessionDescription
from livekit.protocol.rtc import SessionDescription, SignalResponse

from emulators.livekit.media.connection import Connection
from emulators.livekit.media.peer import PeerEvents
from emulators.livekit.media.published import PublishedTrack
from emulators.livekit.media.sdp import with_stream_ids, without_candidates
from emulators.livekit.media.slots import Slots

# The channels by name, each with how often a lost message is sent again; None: until it arrives.
_CHANNELS: Final[dict[str, int | None]] = {"_reliable": None, "_lossy": 0}


class DualPeers:
    """Two connections. The client is connected when the one that the server offers stands."""

    def __init__(self, events: PeerEvents) -> None:
        self._events = events
        self._publisher = Connection(events, lambda: None)
        self._subscriber = Connection(events, events.connected)
        self._slots = Slots()
        self._offer_id = 0
        # One offer at a time; what changes meanwhile is in the next.
        self._is_offering, self._is_due = False, False
        self._offer: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Offer the channels, and the tracks that are there."""
        for label, resends in _CHANNELS.items():
            self._subscriber.adopt(
                self._subscriber.rtc.createDataChannel(label, maxRetransmits=resends, ordered=resends is None)
            )
        self._renew()

    async def offered(self, offer: SessionDescription) -> None:
        """Answer what the client sends."""
        async with self._publisher.lock:
            sections = await self._publisher.receive(offer)
            text = await self._publisher.local()
        answer = SessionDescription(type="answer", sdp=text, id=offer.id)
        self._events.signal(SignalResponse(answer=answer))
        self._events.sends(self._publisher.sent(sections))

    async def answered(self, answer: SessionDescription) -> None:
        """The client accepts the offer."""
        text = without_candidates(answer.sdp)
        await self._subscriber.rtc.setRemoteDescription(RTCSessionDescription(text, "answer"))
        self._is_offering = False
        if self._is_due:
            self._renew()

    def subscribe(self, track: PublishedTrack) -> None:
        """Offer it."""
        self._slots.waiting.append(track)
        self._renew()

    def unsubscribe(self, track: PublishedTrack) -> None:
        """Stop at once, and offer without it."""
        if self._slots.drop(track):
            self._renew()

    def send_data(self, payload: bytes, label: str) -> None:
        """By the channel that the server made."""
        self._subscriber.send_data(payload, label)

    async def close(self) -> None:
        """Hang up."""
        if self._offer:
            self._offer.cancel()
        self._slots.clear()
        await self._publisher.close()
        await self._subscriber.close()

    def _renew(self) -> None:
        self._is_due = True
        if not self._is_offering:
            self._is_offering, self._is_due = True, False
            self._offer = asyncio.create_task(self._send_offer())

    async def _send_offer(self) -> None:
        self._slots.fill()
        for track in list(self._slots.waiting):
            self._slots.add(self._subscriber.rtc.addTransceiver(track.kind))
            self._slots.fill()
        text = with_stream_ids(await self._subscriber.local(), self._slots.stream_ids())
        self._slots.shown()
        self._offer_id += 1
        offer = SessionDescription(type="offer", sdp=text, id=self._offer_id, mid_to_track_id=self._slots.track_ids())
        self._events.signal(SignalResponse(offer=offer))
