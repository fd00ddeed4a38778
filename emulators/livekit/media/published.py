"""A track that somebody publishes, and the copies of its frames that go to the others."""

import asyncio
from dataclasses import dataclass, field
from typing import Final, Protocol

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av.frame import Frame
from livekit.protocol.models import TrackInfo

# Frames that may wait for a slow receiver; the oldest are dropped, as live media is worth nothing later.
_MOST_WAITING: Final = 30


class Source(Protocol):
    """What frames come from."""

    async def recv(self) -> object:
        """The next frame. Raises MediaStreamError at the end."""
        ...


class ForwardedTrack(MediaStreamTrack):
    """What one client receives. It waits while there is nothing to send, so that its sender never ends."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self._frames: asyncio.Queue[Frame] = asyncio.Queue(_MOST_WAITING)

    async def recv(self) -> Frame:
        """The next frame."""
        return await self._frames.get()

    def push(self, frame: Frame) -> None:
        """Queue a frame."""
        if self._frames.full():
            self._frames.get_nowait()
        self._frames.put_nowait(frame)


@dataclass(slots=True, eq=False)
class PublishedTrack:
    """A track with its receivers. Frames are read also when nobody receives, or they would pile up."""

    info: TrackInfo
    cid: str
    publisher_sid: str
    receivers: set[ForwardedTrack] = field(default_factory=set[ForwardedTrack])
    _pump: asyncio.Task[None] | None = None

    @property
    def kind(self) -> str:
        """`audio` or `video`."""
        return self.info.mime_type.partition("/")[0]

    def begin(self, source: MediaStreamTrack) -> None:
        """Forward what the source brings, until it ends."""
        self._pump = asyncio.create_task(self._forward(source))

    def end(self) -> None:
        """Forward no more."""
        if self._pump:
            self._pump.cancel()

    async def _forward(self, source: Source) -> None:
        while True:
            try:
                frame = await source.recv()
            except MediaStreamError:
                return
            if not isinstance(frame, Frame):
                continue
            for receiver in self.receivers:
                receiver.push(frame)
