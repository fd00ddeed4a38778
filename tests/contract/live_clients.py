"""Clients of live rooms, by LiveKit's own SDK for Python."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, Literal

from livekit import rtc

from tests.contract.live_servers import LiveServer, token

WAIT_S: Final = 15.0
_POLL_S: Final = 0.02
_RATE, _FRAME, _LOUD = 48_000, 480, 8_000
_SIZE = 64
_RED = bytes([200, 0, 0, 255])
_EVENTS: Final[tuple[Any, ...]] = (
    *("participant_connected", "participant_disconnected", "participant_attributes_changed"),
    *("participant_permissions_changed", "track_published", "track_unpublished", "track_subscribed", "track_muted"),
    *("local_track_unpublished", "data_received", "disconnected"),
)


async def until(condition: Callable[[], object], what: str) -> None:
    """Wait for a condition. Raises TimeoutError, naming `what`."""
    try:
        async with asyncio.timeout(WAIT_S):
            while not condition():  # noqa: ASYNC110 - the SDK's events have no common condition
                await asyncio.sleep(_POLL_S)
    except TimeoutError as error:
        raise TimeoutError(f"{what}: not within {WAIT_S:g} s") from error


class LiveClient:
    """One participant. `seen` has the events with their arguments."""

    def __init__(self, server: LiveServer, room: str, identity: str) -> None:
        self.identity = identity
        self.room = rtc.Room()
        self.seen: list[tuple[str, tuple[Any, ...]]] = []
        self._server, self._name = server, room
        self._tasks: list[asyncio.Task[None]] = []
        for event in _EVENTS:
            self.room.on(event, self._recorder(event))  # pyright: ignore[reportUnknownMemberType] - untyped in the SDK

    @property
    def local(self) -> rtc.LocalParticipant:
        return self.room.local_participant

    async def join(self, **grants: Any) -> None:  # noqa: ANN401 - LiveKit's
        """Enter with a token of these grants. Raises rtc.ConnectError."""
        await self.join_with(token(self._name, self.identity, **grants))

    async def join_with(self, ticket: str) -> None:
        """Enter with this token. Raises rtc.ConnectError."""
        await self.room.connect(self._server.url, ticket)

    async def leave(self) -> None:
        """Disconnect, and stop sending and receiving."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.room.disconnect()

    def times(self, event: str) -> list[tuple[Any, ...]]:
        """The arguments of each event of that name."""
        return [arguments for name, arguments in self.seen if name == event]

    async def sees(self, event: str) -> tuple[Any, ...]:
        """The arguments of the first event of that name, as soon as it happens."""
        await until(lambda: self.times(event), f"{self.identity}: {event}")
        return self.times(event)[0]

    async def speak(self) -> rtc.LocalTrackPublication:
        """Publish a microphone with a loud square wave."""
        source = rtc.AudioSource(_RATE, 1)
        track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
        self._tasks.append(asyncio.create_task(_make_noise(source)))
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        return await self.local.publish_track(track, options)

    async def show(self) -> rtc.LocalTrackPublication:
        """Publish a camera that shows red."""
        source = rtc.VideoSource(_SIZE, _SIZE)
        track = rtc.LocalVideoTrack.create_video_track("camera", source)
        self._tasks.append(asyncio.create_task(_show_red(source)))
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_CAMERA, simulcast=False)
        return await self.local.publish_track(track, options)

    async def hears_or_watches(self, kind: Literal["audio", "video"]) -> None:
        """Receive until the wave is heard, or red is seen."""
        wanted = rtc.TrackKind.KIND_AUDIO if kind == "audio" else rtc.TrackKind.KIND_VIDEO
        await until(lambda: self._subscribed(wanted), f"{self.identity}: a track of {kind}")
        track = self._subscribed(wanted)[0]
        async with asyncio.timeout(WAIT_S):
            await (_hear(track) if kind == "audio" else _watch(track))

    async def received(self, count: int) -> list[bytes]:
        """The data, as soon as there are so many messages."""
        await until(lambda: len(self.times("data_received")) >= count, f"{self.identity}: {count} messages")
        return [packet.data for (packet,) in self.times("data_received")]

    def _subscribed(self, kind: int) -> list[rtc.Track]:
        return [track for track, *_ in self.times("track_subscribed") if track.kind == kind]

    def _recorder(self, event: str) -> Callable[..., None]:
        def record(*arguments: Any) -> None:  # noqa: ANN401 - the SDK's
            self.seen.append((event, arguments))

        return record


@asynccontextmanager
async def clients(server: LiveServer, room: str, *identities: str) -> AsyncGenerator[list[LiveClient]]:
    """Clients that have not joined yet; all leave at the end."""
    made = [LiveClient(server, room, identity) for identity in identities]
    try:
        yield made
    finally:
        for client in made:
            with suppress(rtc.ConnectError):
                await client.leave()


async def _make_noise(source: rtc.AudioSource) -> None:
    """A square wave of 500 Hz."""
    half = _RATE // 1000
    wave = b"".join((_LOUD * (1 if (n // half) % 2 else -1)).to_bytes(2, "little", signed=True) for n in range(_FRAME))
    while True:
        await source.capture_frame(rtc.AudioFrame(wave, _RATE, 1, _FRAME))


async def _show_red(source: rtc.VideoSource) -> None:
    picture = rtc.VideoFrame(_SIZE, _SIZE, rtc.VideoBufferType.RGBA, _RED * _SIZE * _SIZE)
    while True:
        source.capture_frame(picture)
        await asyncio.sleep(1 / 15)


async def _hear(track: rtc.Track) -> None:
    stream = rtc.AudioStream(track)
    try:
        async for event in stream:
            if max(abs(sample) for sample in event.frame.data) > _LOUD // 2:
                return
    finally:
        await stream.aclose()


async def _watch(track: rtc.Track) -> None:
    stream = rtc.VideoStream(track, format=rtc.VideoBufferType.RGBA)
    try:
        async for event in stream:
            red, green, blue, _ = bytes(event.frame.data[:4])
            if red > _RED[0] - 50 and green < 50 and blue < 50:
                return
    finally:
        await stream.aclose()
