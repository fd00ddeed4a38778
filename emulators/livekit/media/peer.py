"""What the room needs from a client's media connection, and what the connection tells the room."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from aiortc import MediaStreamTrack
from livekit.protocol.rtc import SessionDescription, SignalResponse

from emulators.livekit.media.published import PublishedTrack


@dataclass(frozen=True, slots=True)
class SentTrack:
    """A track that a client sends; `cid` is the id that it gave it."""

    cid: str
    mid: str
    mime: str
    media: MediaStreamTrack


@dataclass(frozen=True, slots=True)
class PeerEvents:
    """Who is told what: the client a signal, the room that all is connected or lost, what is sent, and data."""

    signal: Callable[[SignalResponse], None]
    connected: Callable[[], None]
    lost: Callable[[], None]
    sends: Callable[[Sequence[SentTrack]], None]
    data: Callable[[bytes, str], None]


class Peer(Protocol):
    """A client's media connection."""

    async def start(self) -> None:
        """Do what the server does first."""
        ...

    async def offered(self, offer: SessionDescription) -> None:
        """The client offers: answer it."""
        ...

    async def answered(self, answer: SessionDescription) -> None:
        """The client answers an offer."""
        ...

    def subscribe(self, track: PublishedTrack) -> None:
        """Send a track to the client as soon as a section for it is agreed."""
        ...

    def unsubscribe(self, track: PublishedTrack) -> None:
        """Send a track no more."""
        ...

    def send_data(self, payload: bytes, label: str) -> None:
        """Send data by the channel `_reliable` or `_lossy`; dropped if it is not open."""
        ...

    async def close(self) -> None:
        """Hang up."""
        ...
