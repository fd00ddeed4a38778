"""`POST /twirp/livekit.RoomService/{method}`: https://twitchtv.github.io/twirp/docs/spec_v7.html."""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.json_format import MessageToDict, Parse, ParseError
from google.protobuf.message import DecodeError, Message
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from emulators.livekit.access import CallRefusedError, Claims, Key
from emulators.livekit.room_service import METHODS, RoomService

_PROTOBUF, _JSON = "application/protobuf", "application/json"
_MAX_BODY: Final = 2**16


@dataclass(frozen=True, slots=True)
class Twirp:
    """Reads a call, checks its token and answers, in protobuf or JSON as the caller wrote."""

    service: RoomService
    key: Key

    async def call(self, request: Request) -> Response:
        """The endpoint."""
        faults = self.service.faults
        await asyncio.sleep(faults.delay)
        if faults.status is not None:
            return JSONResponse({"code": "internal", "msg": "a fault on purpose"}, faults.status)
        try:
            claims = self.key.claims_of(request)
        except CallRefusedError as error:
            # The server refuses a token before it looks at the call.
            return PlainTextResponse(str(error), error.status)
        try:
            answer = self._answer(request, await request.body(), claims)
        except CallRefusedError as error:
            return JSONResponse({"code": error.code, "msg": str(error)}, error.status)
        if _is_json(request):
            return JSONResponse(MessageToDict(answer, preserving_proto_field_name=True))
        return Response(answer.SerializeToString(), media_type=_PROTOBUF)

    def _answer(self, request: Request, body: bytes, claims: Claims) -> Message:
        method = request.path_params["method"]
        if method not in METHODS:
            raise CallRefusedError("bad_route", 404, f"no handler for path {request.url.path!r}")
        kind, handle = METHODS[method]
        return handle(self.service, _parsed(kind, request, body), claims.grants)


def _parsed(kind: type[Message], request: Request, body: bytes) -> Any:  # noqa: ANN401 - of the method's own type
    if len(body) > _MAX_BODY:
        raise CallRefusedError("malformed", 400, "the request body is too long")
    try:
        return Parse(body, kind()) if _is_json(request) else kind.FromString(body)
    except (DecodeError, ParseError, UnicodeDecodeError) as error:
        raise CallRefusedError("malformed", 400, "the request body cannot be read") from error


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0] == _JSON
