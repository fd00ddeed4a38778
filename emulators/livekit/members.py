"""Somebody in a room: what others see, the way to the client, and what it publishes."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from livekit.protocol.models import DataPacket, DisconnectReason, ParticipantInfo, TrackInfo
from livekit.protocol.rtc import LeaveRequest, ParticipantUpdate, SignalResponse

from emulators.livekit.access import Claims
from emulators.livekit.ids import new_id
from emulators.livekit.media.peer import Peer
from emulators.livekit.media.published import PublishedTrack


@dataclass(slots=True, eq=False)
class Member:
    """A participant. `outbox` has what the client is to be told, and None as the end of the connection."""

    info: ParticipantInfo
    claims: Claims
    peer: Peer
    outbox: asyncio.Queue[SignalResponse | None]
    auto_subscribe: bool = True
    # Asked for and not sent yet, by the client's id of the track.
    pending: dict[str, TrackInfo] = field(default_factory=dict[str, TrackInfo])
    tracks: dict[str, PublishedTrack] = field(default_factory=dict[str, PublishedTrack])
    # When the client got its last token, seconds since 1970.
    token_at: float = 0.0
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def send(self, response: SignalResponse) -> None:
        """Tell the client something."""
        self.outbox.put_nowait(response)

    def tell_of(self, participants: Iterable[ParticipantInfo]) -> None:
        """Tell the client how others are, or itself."""
        self.send(SignalResponse(update=ParticipantUpdate(participants=participants)))

    def end(self, reason: DisconnectReason) -> None:
        """Tell the client that it is out, and hang up."""
        self.send(SignalResponse(leave=LeaveRequest(reason=reason, action=LeaveRequest.DISCONNECT)))
        self.outbox.put_nowait(None)
        self.ended.set()

    def accepts(self, packet: DataPacket) -> bool:
        """Whether data is for this member: for everybody, or by its identity."""
        return not packet.destination_identities or self.info.identity in packet.destination_identities

    def describe(self, name: str, metadata: str, attributes: Mapping[str, str]) -> None:
        """Change what others see. What is empty stays as it is; an attribute without a value goes, as in the server."""
        self.info.name, self.info.metadata = name or self.info.name, metadata or self.info.metadata
        for key, value in attributes.items():
            if value:
                self.info.attributes[key] = value
            else:
                self.info.attributes.pop(key, None)

    def refresh(self) -> None:
        """Show the tracks of now."""
        self.info.is_publisher = bool(self.tracks)
        del self.info.tracks[:]
        self.info.tracks.extend(track.info for track in self.tracks.values())


def new_participant(claims: Claims, now: float) -> ParticipantInfo:
    """What others see of somebody who comes in; `now` in seconds since 1970."""
    return ParticipantInfo(
        sid=new_id("PA_"),
        identity=claims.identity,
        name=claims.name,
        metadata=claims.metadata,
        attributes=claims.attributes,
        permission=claims.permission,
        state=ParticipantInfo.JOINED,
        joined_at=int(now),
        joined_at_ms=int(now * 1000),
    )
