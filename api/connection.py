"""One client connection: uvicorn's HTTP protocol with limits on the head of a request and on the time it takes.

Uvicorn's fast parser collects a head of any size and waits for it for any time. Source of the statuses: RFC 9110 408,
RFC 6585 431.
"""

import asyncio
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from api.problems import problem_response
from api.streams import STREAMS, Streams
from core.problems import Problem

# Bytes. nginx and Node.js allow 8 to 32 KiB for a whole head.
MAX_HEAD: Final = 32 * 1024
# From the connection or the first byte of a further request to the end of its head. A late one is seen within twice
# this time.
HEAD_SECONDS: Final = 10.0
# From the end of the head to the end of the body: 1 MiB at 35 kB/s.
BODY_SECONDS: Final = 30.0


class HeadTooLarge(Problem):
    """Path, query and headers of a request are larger than MAX_HEAD."""

    code = "head_too_large"
    title = "The request's headers are too large."
    status = 431

    def __init__(self) -> None:
        super().__init__(f"Path, query and headers may have up to {MAX_HEAD} bytes together.")


class RequestTooSlow(Problem):
    """The request did not arrive in its time."""

    code = "request_too_slow"
    title = "The request took too long to arrive."
    status = 408

    def __init__(self) -> None:
        super().__init__(f"Headers must arrive within {HEAD_SECONDS:g} s, and the body within {BODY_SECONDS:g} s more.")


class LimitedProtocol(HttpToolsProtocol):
    """Answers 431 for a head over MAX_HEAD, and 408 for a request that takes longer than its time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own arguments
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._head_bytes = 0
        # When the part of a request that is awaited must be there; None between two requests.
        self._until: float | None = None
        self._watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn declares it
        """The first request must have its head within HEAD_SECONDS."""
        super().connection_made(transport)
        self._until = self.loop.time() + HEAD_SECONDS
        self._watch = self.loop.call_later(HEAD_SECONDS, self._check_time)

    def connection_lost(self, exc: Exception | None) -> None:
        """No timer outlives its connection."""
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser while the head is within its limit."""
        if self._in_head:
            self._head_bytes += len(data)
            if self._until is None:
                self._until = self.loop.time() + HEAD_SECONDS
        super().data_received(data)
        if self._in_head and self._head_bytes > MAX_HEAD:
            self._refuse(HeadTooLarge())

    def on_headers_complete(self) -> None:
        """From here on the body has its own time."""
        # What was fed may have a part of the body.
        if self._head_bytes > MAX_HEAD and len(self.url) + sum(len(n) + len(v) for n, v in self.headers) > MAX_HEAD:
            self._refuse(HeadTooLarge())
            # Stops the parser.
            raise HeadTooLarge
        self._in_head = False
        self._until = self.loop.time() + BODY_SECONDS
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is whole; another may follow on the same connection."""
        self._in_head, self._head_bytes, self._until = True, 0, None
        super().on_message_complete()

    def shutdown(self) -> None:
        """End the event streams: uvicorn waits for open requests, and an open stream would take all of that time."""
        streams = cast("Streams | None", self.app_state.get(STREAMS))
        if streams is not None:
            streams.close()
        super().shutdown()

    def send_400_response(self, msg: str) -> None:
        """Say why a request cannot be read, unless it was refused before."""
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def _check_time(self) -> None:
        """Refuse what is late; else look again. One timer a connection costs less than one a request."""
        now = self.loop.time()
        if self._until is not None and self._until <= now:
            self._refuse(RequestTooSlow())
        else:
            self._watch = self.loop.call_later((self._until or now + HEAD_SECONDS) - now, self._check_time)

    def _refuse(self, problem: Problem) -> None:
        """Answer with `problem`, unless an answer has begun, and close."""
        if self.transport.is_closing():
            return
        if self._may_answer():
            answer = problem_response(problem)
            head = b"".join(b"%b: %b\r\n" % header for header in answer.raw_headers)
            self.transport.write(STATUS_LINE[problem.status] + head + b"connection: close\r\n\r\n" + bytes(answer.body))
        self.transport.close()

    def _may_answer(self) -> bool:
        """Whether the client waits for an answer that has not begun."""
        # Uvicorn declares it without the None that it has before the first request.
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if self._in_head:
            return cycle is None or cycle.response_complete
        return cycle is not None and not cycle.response_started
