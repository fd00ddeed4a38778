"""LiveKit's room service over Twirp: `POST /twirp/livekit.RoomService/{method}` with protobuf bodies."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf.message import DecodeError, Message
from livekit.protocol.room import (
    CreateRoomRequest,
    DeleteRoomRequest,
    DeleteRoomResponse,
    ListParticipantsRequest,
    ListParticipantsResponse,
    ListRoomsRequest,
    ListRoomsResponse,
    RemoveParticipantResponse,
    RoomParticipantIdentity,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from emulators.livekit.access import CallRefusedError, Key, require
from emulators.livekit.rooms import LiveRoom, Rooms

_PROTOBUF: Final = "application/protobuf"
_MAX_BODY: Final = 2**16


@dataclass(slots=True)
class Faults:
    """What goes wrong on purpose: each call waits for `delay` seconds, and is answered `status` if it is set."""

    delay: float = 0.0
    status: int | None = None


@dataclass(slots=True)
class RoomService:
    """The calls of the room service, by name, each with the type of its request."""

    rooms: Rooms
    faults: Faults = field(default_factory=Faults)

    def call(self, method: str, body: bytes, grants: Mapping[str, Any]) -> Message:
        """The answer. Raises CallRefusedError."""
        if method not in _METHODS:
            raise CallRefusedError("bad_route", 404, f"no handler for {method}")
        kind, handle = _METHODS[method]
        try:
            request = kind.FromString(body)
        except DecodeError as error:
            raise CallRefusedError("malformed", 400, "the protobuf body cannot be read") from error
        return handle(self, request, grants)

    def create(self, request: CreateRoomRequest, grants: Mapping[str, Any]) -> Message:
        """Make a room."""
        require(grants, "roomCreate")
        if not request.name:
            raise CallRefusedError("invalid_argument", 400, "name is required")
        return _shown(self.rooms.create(request))

    def list_rooms(self, request: ListRoomsRequest, grants: Mapping[str, Any]) -> Message:
        """The rooms, or those of them that are named."""
        require(grants, "roomList")
        names = set(request.names)
        return ListRoomsResponse(
            rooms=[_shown(room) for room in self.rooms.all() if not names or room.info.name in names]
        )

    def delete(self, request: DeleteRoomRequest, grants: Mapping[str, Any]) -> Message:
        """End a room."""
        require(grants, "roomCreate")
        self.rooms.delete(request.room)
        return DeleteRoomResponse()

    def list_participants(self, request: ListParticipantsRequest, grants: Mapping[str, Any]) -> Message:
        """Who is in a room."""
        require(grants, "roomAdmin", request.room)
        return ListParticipantsResponse(participants=self.rooms.get(request.room).participants.values())

    def remove(self, request: RoomParticipantIdentity, grants: Mapping[str, Any]) -> Message:
        """Send somebody out."""
        require(grants, "roomAdmin", request.room)
        self.rooms.remove(request.room, request.identity)
        return RemoveParticipantResponse()


_METHODS: Final[Mapping[str, tuple[type[Message], Callable[..., Message]]]] = {
    "CreateRoom": (CreateRoomRequest, RoomService.create),
    "ListRooms": (ListRoomsRequest, RoomService.list_rooms),
    "DeleteRoom": (DeleteRoomRequest, RoomService.delete),
    "ListParticipants": (ListParticipantsRequest, RoomService.list_participants),
    "RemoveParticipant": (RoomParticipantIdentity, RoomService.remove),
}


def make_app(service: RoomService, key: Key) -> Starlette:
    """The server with one key."""

    async def twirp(request: Request) -> Response:
        await asyncio.sleep(service.faults.delay)
        if service.faults.status is not None:
            return JSONResponse({"code": "internal", "msg": "a fault on purpose"}, service.faults.status)
        body = await request.body()
        try:
            if len(body) > _MAX_BODY:
                raise CallRefusedError("malformed", 400, "the body is too large")  # noqa: TRY301 - answered below
            answer = service.call(request.path_params["method"], body, key.grants_of(request))
        except CallRefusedError as error:
            return JSONResponse({"code": error.code, "msg": str(error)}, error.status)
        return Response(answer.SerializeToString(), media_type=_PROTOBUF)

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("OK")

    handlers: list[tuple[str, Callable[[Request], Awaitable[Response]], list[str]]] = [
        ("/twirp/livekit.RoomService/{method}", twirp, ["POST"]),
        ("/", healthz, ["GET"]),
    ]
    return Starlette(routes=[Route(path, handler, methods=methods) for path, handler, methods in handlers])


def _shown(room: LiveRoom) -> Any:  # noqa: ANN401 - a protobuf class, made at run time
    room.info.num_participants = len(room.participants)
    return room.info
