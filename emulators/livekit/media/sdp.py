"""Reads and changes session descriptions, for what aiortc has no call for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiortc import sdp

_SENDS: Final = frozenset({"sendonly", "sendrecv"})
_CANDIDATES: Final = ("a=candidate:", "a=end-of-candidates")


@dataclass(frozen=True, slots=True)
class Section:
    """An audio or video section of a client's description; `cid` is the client's id of the track that it sends."""

    mid: str
    kind: str
    sends: bool
    receives: bool
    cid: str
    mime: str


def sections_of(text: str) -> list[Section]:
    """The audio and video sections, in their order."""
    return [
        Section(
            mid=media.rtp.muxId,
            kind=media.kind,
            sends=media.direction in _SENDS,
            receives=media.direction == "recvonly",
            cid=(media.msid or "").partition(" ")[2],
            mime=media.rtp.codecs[0].mimeType if media.rtp.codecs else "",
        )
        for media in sdp.SessionDescription.parse(text).media
        if media.kind != "application"
    ]


def without_candidates(text: str) -> str:
    """The description without the client's addresses.

    The client finds the emulator, whose address is in every description. Its own are often names that only its
    machine's multicast DNS knows, which take seconds to fail.
    """
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(_CANDIDATES))


def with_stream_ids(text: str, ids: Mapping[str, str]) -> str:
    """The description with `stream track` as the ids of each section by its mid; aiortc gives all the same stream."""
    head, *sections = text.split("\r\nm=")
    return "\r\nm=".join([head, *(_with_ids(section, ids) for section in sections)])


def _with_ids(section: str, ids: Mapping[str, str]) -> str:
    lines = section.split("\r\n")
    mid = next((line.removeprefix("a=mid:") for line in lines if line.startswith("a=mid:")), "")
    return "\r\n".join(f"a=msid:{ids[mid]}" if line.startswith("a=msid:") and mid in ids else line for line in lines)
