"""What members publish, and who receives it."""

from collections.abc import Sequence

from livekit.protocol.models import SimulcastCodecInfo, TrackInfo
from livekit.protocol.rtc import SignalResponse, TrackUnpublishedResponse

from emulators.livekit.access import may_publish
from emulators.livekit.live_room import LiveRoom
from emulators.livekit.media.peer import SentTrack
from emulators.livekit.media.published import PublishedTrack
from emulators.livekit.members import Member
from emulators.livekit.webhook_events import Reports


def apply_sent(reports: Reports, room: LiveRoom, member: Member, sent: Sequence[SentTrack]) -> None:
    """Publish the tracks that the member sends now and had asked for, and end those that it sends no more."""
    sent_ids = {each.cid for each in sent}
    for sid, track in list(member.tracks.items()):
        if track.cid not in sent_ids:
            unpublish(reports, room, member, sid)
    for each in sent:
        if info := member.pending.pop(each.cid, None):
            _publish(reports, room, member, info, each)


def unpublish(reports: Reports, room: LiveRoom, member: Member, sid: str) -> None:
    """End a track, for everybody."""
    track = member.tracks.pop(sid)
    track.end()
    for other in room.others(member):
        other.peer.unsubscribe(track)
    member.refresh()
    room.tell(member)
    reports.track("track_unpublished", room.info, member.info, track.info)


def revoke(reports: Reports, room: LiveRoom, member: Member) -> None:
    """End the tracks that a member may not publish any more, and say so."""
    permission = member.info.permission
    for sid, track in list(member.tracks.items()):
        if may_publish(permission, track.info.source):
            continue
        unpublish(reports, room, member, sid)
        member.send(SignalResponse(track_unpublished=TrackUnpublishedResponse(track_sid=sid)))


def subscribe_all(room: LiveRoom, member: Member) -> None:
    """Let a member receive what the others publish."""
    for other in room.others(member):
        for track in other.tracks.values():
            _offer(member, track)


def unsubscribe_all(room: LiveRoom, member: Member) -> None:
    """Let a member receive nothing."""
    for other in room.others(member):
        for track in other.tracks.values():
            member.peer.unsubscribe(track)


def _publish(reports: Reports, room: LiveRoom, member: Member, info: TrackInfo, sent: SentTrack) -> None:
    info.mime_type, info.mid = sent.mime, sent.mid
    info.codecs.append(SimulcastCodecInfo(mime_type=sent.mime, mid=sent.mid, cid=sent.cid))
    track = PublishedTrack(info, sent.cid, member.info.sid)
    track.begin(sent.media)
    member.tracks[info.sid] = track
    member.refresh()
    room.tell(member)
    reports.track("track_published", room.info, member.info, info)
    for other in room.others(member):
        _offer(other, track)


def _offer(member: Member, track: PublishedTrack) -> None:
    if member.info.permission.can_subscribe and member.auto_subscribe:
        member.peer.subscribe(track)
