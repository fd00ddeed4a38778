"""Data that members send each other, or that the application sends."""

from livekit.protocol.models import DataPacket

from emulators.livekit.live_room import LiveRoom
from emulators.livekit.members import Member

RELIABLE, LOSSY = "_reliable", "_lossy"


def forward(room: LiveRoom, sender: Member, packet: DataPacket, label: str) -> None:
    """Send a member's packet to those it is for, with its name. One who may not send is ignored, as in the server."""
    if not sender.info.permission.can_publish_data:
        return
    packet.participant_identity, packet.participant_sid = sender.info.identity, sender.info.sid
    if packet.HasField("user"):
        packet.user.participant_identity, packet.user.participant_sid = sender.info.identity, sender.info.sid
    _send(room.others(sender), packet, label)


def announce(room: LiveRoom, packet: DataPacket) -> None:
    """Send the application's packet."""
    label = LOSSY if packet.kind == DataPacket.LOSSY else RELIABLE
    _send(list(room.members.values()), packet, label)


def _send(members: list[Member], packet: DataPacket, label: str) -> None:
    payload = packet.SerializeToString()
    for member in members:
        if member.accepts(packet):
            member.peer.send_data(payload, label)
