"""The outermost middleware: request ids, the request log, security headers, and unexpected errors."""

import time
from collections.abc import MutableMapping
from typing import Any
from uuid import UUID, uuid4

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import Metrics
from api.problems import Unexpected, problem_response
from core.cause import caused_by_request

log = structlog.get_logger("api")

_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    # A page names what it needs itself.
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}
_ONE_YEAR = "max-age=31536000; includeSubDomains"


def _request_id(scope: Scope) -> str:
    """The caller's `X-Request-ID` if it is a UUID, so that one id runs through several systems; else one of our own."""
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    try:
        return str(UUID(given.decode("ascii")))
    except ValueError:
        return str(uuid4())


class RequestMiddleware:
    """Logs method, path, status and time of each request; never its query, headers or body, which may be secret.

    An unexpected error is answered 500 with an incident id. Only the log has its details.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics, https: bool) -> None:
        self._app = app
        self._metrics = metrics
        self._headers = {**_SECURITY_HEADERS, **({"Strict-Transport-Security": _ONE_YEAR} if https else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        answer: MutableMapping[str, Any] = {}
        began = time.perf_counter()

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer["status"] = message["status"]
                self._add_headers(MutableHeaders(scope=message), request_id)
            await send(message)

        with caused_by_request(UUID(request_id)):
            try:
                await self._app(scope, receive, send_with_headers)
            except Exception:
                log.exception("request failed", incident=request_id, path=scope["path"])
                if "status" in answer:
                    raise
                await self._send_unexpected(scope, receive, send_with_headers, request_id)
            finally:
                spent = time.perf_counter() - began
                self._metrics.count_request(scope, answer.get("status"), spent)
                log.info("request", method=scope["method"], path=scope["path"], ms=round(spent * 1000, 1), **answer)

    def _add_headers(self, headers: MutableHeaders, request_id: str) -> None:
        headers["X-Request-Id"] = request_id
        headers.setdefault("Cache-Control", "no-store")
        for name, value in self._headers.items():
            headers.setdefault(name, value)

    async def _send_unexpected(self, scope: Scope, receive: Receive, send: Send, incident: str) -> None:
        problem = Unexpected(f"The error is logged as incident {incident}; nothing was changed.")
        await problem_response(problem, incident=incident)(scope, receive, send)
