"""A room, and who is in it."""

from dataclasses import dataclass, field

from livekit.protocol.models import Room

from emulators.livekit.media.published import PublishedTrack
from emulators.livekit.members import Member


@dataclass(slots=True)
class LiveRoom:
    """A room with its members by identity; `empty_since` is None while somebody is there."""

    info: Room
    empty_since: float | None
    members: dict[str, Member] = field(default_factory=dict[str, Member])
    was_used: bool = False

    def shown(self) -> Room:
        """The room as it is told, with its counts."""
        members = [member.info for member in self.members.values()]
        self.info.num_participants = len(members)
        self.info.num_publishers = sum(info.is_publisher for info in members)
        return self.info

    def others(self, member: Member) -> list[Member]:
        """Everybody but one."""
        return [other for other in self.members.values() if other is not member]

    def tell(self, member: Member) -> None:
        """Tell everybody how a member is now."""
        member.info.version += 1
        for each in self.members.values():
            if each is member or not member.info.permission.hidden:
                each.tell_of([member.info])

    def find_track(self, sid: str) -> PublishedTrack | None:
        """A track that somebody publishes."""
        return next((member.tracks[sid] for member in self.members.values() if sid in member.tracks), None)
