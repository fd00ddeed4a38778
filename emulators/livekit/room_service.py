"""The calls of LiveKit's room service: https://docs.livekit.io/reference/server/server-apis."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf.message import Message
from livekit.protocol.models import DataPacket, DisconnectReason, UserPacket
from livekit.protocol.room import (
    CreateRoomRequest,
    DeleteRoomRequest,
    DeleteRoomResponse,
    ListParticipantsRequest,
    ListParticipantsResponse,
    ListRoomsRequest,
    ListRoomsResponse,
    MuteRoomTrackRequest,
    MuteRoomTrackResponse,
    RemoveParticipantResponse,
    RoomParticipantIdentity,
    SendDataRequest,
    SendDataResponse,
    UpdateParticipantRequest,
)
from livekit.protocol.rtc import MuteTrackRequest, SignalResponse

from emulators.livekit.access import CallRefusedError, require
from emulators.livekit.data import announce
from emulators.livekit.faults import Faults
from emulators.livekit.live_room import LiveRoom
from emulators.livekit.members import Member
from emulators.livekit.publishing import revoke, subscribe_all, unsubscribe_all
from emulators.livekit.rooms import Rooms

Grants = Mapping[str, Any]


@dataclass(slots=True)
class RoomService:
    """The calls, by name. Each raises CallRefusedError."""

    rooms: Rooms
    faults: Faults = field(default_factory=Faults)

    def create(self, request: CreateRoomRequest, grants: Grants) -> Message:
        """Make a room."""
        require(grants, "roomCreate")
        if not request.name:
            raise CallRefusedError("invalid_argument", 400, "name is required")
        return self.rooms.create(request).shown()

    def list_rooms(self, request: ListRoomsRequest, grants: Grants) -> Message:
        """The rooms, or those of them that are named."""
        require(grants, "roomList")
        names = set(request.names)
        return ListRoomsResponse(
            rooms=[each.shown() for each in self.rooms.all() if not names or each.info.name in names]
        )

    def delete(self, request: DeleteRoomRequest, grants: Grants) -> Message:
        """End a room."""
        require(grants, "roomCreate")
        self.rooms.delete(request.room)
        return DeleteRoomResponse()

    def list_participants(self, request: ListParticipantsRequest, grants: Grants) -> Message:
        """Who is in a room."""
        require(grants, "roomAdmin", request.room)
        return ListParticipantsResponse(
            participants=[each.info for each in self.rooms.get(request.room).members.values()]
        )

    def get_participant(self, request: RoomParticipantIdentity, grants: Grants) -> Message:
        """One of them."""
        return self._named(request, grants)[1].info

    def remove(self, request: RoomParticipantIdentity, grants: Grants) -> Message:
        """Send somebody out."""
        room, member = self._named(request, grants)
        self.rooms.leave(room, member, DisconnectReason.PARTICIPANT_REMOVED)
        return RemoveParticipantResponse()

    def update(self, request: UpdateParticipantRequest, grants: Grants) -> Message:
        """Change what somebody is called, or may do."""
        room, member = self._named(request, grants)
        member.describe(request.name, request.metadata, request.attributes)
        if request.HasField("permission"):
            self._permit(room, member, request)
        room.tell(member)
        return member.info

    def mute(self, request: MuteRoomTrackRequest, grants: Grants) -> Message:
        """Mute somebody's track. The server refuses to unmute, unless it is configured to."""
        room, member = self._named(request, grants)
        if request.track_sid not in member.tracks:
            raise CallRefusedError("not_found", 404, "track is not found")
        info = member.tracks[request.track_sid].info
        if info.muted and not request.muted:
            raise CallRefusedError("failed_precondition", 412, "remote unmute not enabled")
        info.muted = request.muted
        member.refresh()
        member.send(SignalResponse(mute=MuteTrackRequest(sid=info.sid, muted=info.muted)))
        room.tell(member)
        return MuteRoomTrackResponse(track=info)

    def send_data(self, request: SendDataRequest, grants: Grants) -> Message:
        """Send data to everybody, or to those who are named."""
        require(grants, "roomAdmin", request.room)
        user = UserPacket(payload=request.data, destination_identities=request.destination_identities)
        if request.HasField("topic"):
            user.topic = request.topic
        names = request.destination_identities
        announce(self.rooms.get(request.room), DataPacket(kind=request.kind, user=user, destination_identities=names))
        return SendDataResponse()

    def _named(
        self, request: RoomParticipantIdentity | UpdateParticipantRequest | MuteRoomTrackRequest, grants: Grants
    ) -> tuple[LiveRoom, Member]:
        require(grants, "roomAdmin", request.room)
        return self.rooms.member(request.room, request.identity)

    def _permit(self, room: LiveRoom, member: Member, request: UpdateParticipantRequest) -> None:
        before = member.info.permission.can_subscribe
        member.info.permission.CopyFrom(request.permission)
        member.claims = member.claims.permitted(request.permission)
        # The client comes back with what it may do now.
        member.token_at = 0.0
        revoke(self.rooms.reports, room, member)
        if request.permission.can_subscribe and not before:
            subscribe_all(room, member)
        if before and not request.permission.can_subscribe:
            unsubscribe_all(room, member)


METHODS: Final[Mapping[str, tuple[type[Message], Callable[..., Message]]]] = {
    "CreateRoom": (CreateRoomRequest, RoomService.create),
    "ListRooms": (ListRoomsRequest, RoomService.list_rooms),
    "DeleteRoom": (DeleteRoomRequest, RoomService.delete),
    "ListParticipants": (ListParticipantsRequest, RoomService.list_participants),
    "GetParticipant": (RoomParticipantIdentity, RoomService.get_participant),
    "RemoveParticipant": (RoomParticipantIdentity, RoomService.remove),
    "UpdateParticipant": (UpdateParticipantRequest, RoomService.update),
    "MutePublishedTrack": (MuteRoomTrackRequest, RoomService.mute),
    "SendData": (SendDataRequest, RoomService.send_data),
}
