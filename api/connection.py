"""One client connection: uvicorn's HTTP protocol with limits on the head of a request and on the time it takes.

Uvicorn's fast parser collects a head of any size and waits for it for any time. Source of the statuses: RFC 9110 408,
RFC 6585 431.
"""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from api.problems import problem_response
from core.problems import Problem

# Bytes. nginx and Node.js allow 8 to 32 KiB for a whole head.
MAX_HEAD: Final = 32 * 1024
# From the connection or the first byte of a further request to the end of its head.
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
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn declares it
        """The first request must have its head within HEAD_SECONDS."""
        super().connection_made(transport)
        self._wait_at_most(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """No deadline outlives its connection."""
        self._clear_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser while the head is within its limit."""
        if self._in_head:
            self._head_bytes += len(data)
            if self._deadline is None:
                self._wait_at_most(HEAD_SECONDS)
        super().data_received(data)
        if self._in_head and self._head_bytes > MAX_HEAD:
            self._refuse(HeadTooLarge())

    def on_headers_complete(self) -> None:
        """From here on the body has its own time."""
        head = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if head > MAX_HEAD:
            self._refuse(HeadTooLarge())
            return
        self._in_head = False
        self._wait_at_most(BODY_SECONDS)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A refused request has no cycle that could take its body."""
        if self._cycle is not None:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole; another may follow on the same connection."""
        self._clear_deadline()
        self._in_head, self._head_bytes = True, 0
        if self._cycle is not None:
            super().on_message_complete()

    @property
    def _cycle(self) -> RequestResponseCycle | None:
        """Uvicorn declares it without the None that it has before the first request."""
        return self.cycle

    def _wait_at_most(self, seconds: float) -> None:
        self._clear_deadline()
        self._deadline = self.loop.call_later(seconds, self._refuse, RequestTooSlow())

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, problem: Problem) -> None:
        """Answer with `problem`, unless an answer has begun, and close."""
        self._clear_deadline()
        if self.transport.is_closing():
            return
        if self._may_answer():
            answer = problem_response(problem)
            head = b"".join(b"%b: %b\r\n" % header for header in answer.raw_headers)
            self.transport.write(STATUS_LINE[problem.status] + head + b"connection: close\r\n\r\n" + bytes(answer.body))
        self.transport.close()

    def _may_answer(self) -> bool:
        """Whether the client waits for an answer that has not begun."""
        if self._in_head:
            return self._cycle is None or self.cycle.response_complete
        return not self.cycle.response_started
