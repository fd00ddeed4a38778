"""The sections in which a client receives: each takes one track at a time."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from aiortc import RTCRtpTransceiver

from emulators.livekit.media.published import ForwardedTrack, PublishedTrack


@dataclass(slots=True)
class Slot:
    """A section that the client receives in. It is taken again only after the client saw it empty."""

    transceiver: RTCRtpTransceiver
    forwarded: ForwardedTrack
    track: PublishedTrack | None = None
    shown_empty: bool = True

    def fill(self, track: PublishedTrack) -> None:
        """Send this track."""
        self.track = track
        self.transceiver.direction = "sendonly"
        track.receivers.add(self.forwarded)

    def clear(self) -> None:
        """Send nothing."""
        if self.track:
            self.track.receivers.discard(self.forwarded)
        self.track, self.shown_empty = None, False
        self.transceiver.direction = "inactive"


@dataclass(slots=True)
class Slots:
    """All of them, and the tracks that wait for one."""

    slots: list[Slot] = field(default_factory=list[Slot])
    waiting: list[PublishedTrack] = field(default_factory=list[PublishedTrack])

    def add(self, transceiver: RTCRtpTransceiver) -> Slot:
        """A new empty slot, unless the transceiver has one."""
        for slot in self.slots:
            if slot.transceiver is transceiver:
                return slot
        forwarded = ForwardedTrack(transceiver.kind)
        transceiver.sender.replaceTrack(forwarded)
        transceiver.direction = "inactive"
        self.slots.append(Slot(transceiver, forwarded))
        return self.slots[-1]

    def free(self, kind: str) -> Slot | None:
        """An empty slot of the kind."""
        return next((each for each in self.slots if each.forwarded.kind == kind and _is_free(each)), None)

    def fill(self) -> None:
        """Give the waiting tracks the free slots."""
        for track in list(self.waiting):
            if slot := self.free(track.kind):
                slot.fill(track)
                self.waiting.remove(track)

    def drop(self, track: PublishedTrack) -> bool:
        """Send a track no more. True if it was sent."""
        if track in self.waiting:
            self.waiting.remove(track)
        held = [slot for slot in self.slots if slot.track is track]
        for slot in held:
            slot.clear()
        return bool(held)

    def shown(self) -> None:
        """The client has been told what is in which slot."""
        for slot in self.slots:
            slot.shown_empty = slot.track is None

    def clear(self) -> None:
        """Send nothing at all."""
        self.waiting.clear()
        for slot in self.slots:
            slot.clear()

    def filled(self) -> Iterable[tuple[str, PublishedTrack]]:
        """The mid and the track of each slot in use."""
        return [(slot.transceiver.mid or "", slot.track) for slot in self.slots if slot.track]

    def track_ids(self) -> dict[str, str]:
        """The track's id by mid, as a client is told."""
        return {mid: track.info.sid for mid, track in self.filled()}

    def stream_ids(self) -> dict[str, str]:
        """The ids of stream and track by mid; the stream names the publisher and the track."""
        return {mid: f"{track.publisher_sid}|{track.info.sid} {track.info.sid}" for mid, track in self.filled()}


def _is_free(slot: Slot) -> bool:
    return slot.track is None and slot.shown_empty
