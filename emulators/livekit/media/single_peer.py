"""A client of `/rtc/v1`: one connection for both directions. The client offers; the server asks for more sections."""

from collections import Counter

from livekit.protocol.rtc import MediaSectionsRequirement, SessionDescription, SignalResponse

from emulators.livekit.media.connection import Connection
from emulators.livekit.media.peer import PeerEvents
from emulators.livekit.media.published import PublishedTrack
from emulators.livekit.media.sdp import with_stream_ids
from emulators.livekit.media.slots import Slots


class SinglePeer:
    """One connection. Tracks for the client go into the sections of its offers that only receive."""

    def __init__(self, events: PeerEvents) -> None:
        self._events = events
        self._connection = Connection(events, events.connected)
        self._slots = Slots()
        # The first offer comes without being asked for.
        self._is_asking = True

    async def start(self) -> None:
        """The client begins."""

    async def offered(self, offer: SessionDescription) -> None:
        """Answer, with a track in each section that is free for one."""
        async with self._connection.lock:
            sections = await self._connection.receive(offer)
            transceivers = self._connection.transceivers()
            for section in sections:
                if section.receives:
                    self._slots.add(transceivers[section.mid])
            self._slots.fill()
            text = with_stream_ids(await self._connection.local(), self._slots.stream_ids())
            self._slots.shown()
        answer = SessionDescription(type="answer", sdp=text, id=offer.id, mid_to_track_id=self._slots.track_ids())
        self._events.signal(SignalResponse(answer=answer))
        self._events.sends(self._connection.sent(sections))
        self._is_asking = False
        if self._slots.waiting:
            self._ask()

    async def answered(self, answer: SessionDescription) -> None:
        """The server of this kind of client never offers."""

    def subscribe(self, track: PublishedTrack) -> None:
        """Ask the client to offer again."""
        self._slots.waiting.append(track)
        self._ask()

    def unsubscribe(self, track: PublishedTrack) -> None:
        """Stop at once, and ask for an offer, so that the client sees it."""
        if self._slots.drop(track):
            self._ask()

    def send_data(self, payload: bytes, label: str) -> None:
        """Back by the channel that the client made."""
        self._connection.send_data(payload, label)

    async def close(self) -> None:
        """Hang up."""
        self._slots.clear()
        await self._connection.close()

    def _ask(self) -> None:
        if self._is_asking:
            return
        self._is_asking = True
        kinds = Counter(track.kind for track in self._slots.waiting)
        needed = MediaSectionsRequirement(num_audios=kinds["audio"], num_videos=kinds["video"])
        self._events.signal(SignalResponse(media_sections_requirement=needed))
