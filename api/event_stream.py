"""One event stream as an answer (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated, Final

from fastapi import Depends, Header, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.app_state import app_state_of
from api.deps import ClockDep, SessionsDep, SettingsDep, bearer_credentials, get_optional_caller, required, turn
from api.followed import Snapshot, Topic
from api.streams import Follower, Streams
from core.accounts.tickets import verify_ticket
from core.identity import Identity, current

# Seconds between two comments that keep proxies from closing an idle connection.
HEARTBEAT: Final = 15.0
# Seconds of one stream; the client then connects again.
MAX_SECONDS: Final = 300.0
# Milliseconds that a browser waits before it connects again.
RETRY: Final = 2000
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class EventStream(StreamingResponse):
    """The state of `topic` from `first` on, until it is finished, its reader's session ends or the time is over."""

    media_type = "text/event-stream"

    def __init__(
        self,
        streams: Streams,
        topic: Topic,
        reader: Identity,
        first: Snapshot,
        last_id: str | None,
        status_code: int = 200,
    ) -> None:
        super().__init__(self._events(), status_code, headers=_HEADERS)
        self._streams = streams
        self._topic = topic
        self._first = first
        self._last_id = last_id
        self._follow = streams.follow(topic, reader, first.version)
        self._follower: Follower | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream. Raises TooManyStreams or StreamsFull before the status line is sent."""
        with self._follow as self._follower:
            await super().__call__(scope, receive, send)

    async def _events(self) -> AsyncGenerator[str]:
        yield f"retry: {RETRY}\n\n"
        if self._first.version != self._last_id:
            yield self._text(self._first)
        if not self._first.finished and self._follower:
            async for text in self._changes(self._follower):
                yield text
        if self._streams.closed:
            yield f": the server restarts\nretry: {RETRY}\n\n"

    async def _changes(self, follower: Follower) -> AsyncGenerator[str]:
        loop = asyncio.get_running_loop()
        until = loop.time() + MAX_SECONDS
        while not follower.ended and (left := until - loop.time()) > 0:
            snapshot = await follower.fetch(min(HEARTBEAT, left))
            if snapshot:
                yield self._text(snapshot)
                if snapshot.finished:
                    return
            elif not follower.ended:
                yield ": still here\n\n"

    def _text(self, snapshot: Snapshot) -> str:
        name = "finished" if snapshot.finished else self._topic.kind
        return f"id: {snapshot.version}\nevent: {name}\ndata: {snapshot.data}\n\n"


def open_stream(request: Request, topic: Topic, reader: Identity, first: Snapshot) -> Response:
    """The stream; 204, on which a browser does not connect again, if the client has the final state."""
    last_id = request.headers.get("last-event-id")
    if first.finished and first.version == last_id:
        return Response(status_code=204)
    return EventStream(app_state_of(request).streams, topic, reader, first, last_id)


async def get_opening(request: Request) -> AsyncGenerator[None]:
    """A place among the streams that open. Raises Unavailable."""
    async with turn(app_state_of(request).openings):
        yield


def get_stream_reader(
    request: Request,
    _opening: Annotated[None, Depends(get_opening, scope="function")],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer_credentials)],
    settings: SettingsDep,
    clock: ClockDep,
    sessions: SessionsDep,
    ticket: Annotated[
        str | None, Query(description="Instead of an access token: the ticket of `POST /streams/tickets`.")
    ] = None,
    _last_event_id: Annotated[
        str | None,
        Header(alias="Last-Event-ID", description="The id of the last event; a state that the client has is left out."),
    ] = None,
) -> Identity:
    """The caller, by access token or ticket. Raises Unauthorized or SessionEnded."""
    if ticket is None or bearer is not None:
        return required(get_optional_caller(bearer, settings, clock, sessions))
    reader = verify_ticket(settings, ticket, request.url.path, clock())
    with sessions.begin() as session:
        return current(session, reader)


StreamReader = Annotated[Identity, Depends(get_stream_reader)]
