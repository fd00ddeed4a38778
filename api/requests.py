"""The outermost layer of the edge: names each request, logs it, keeps answers safe, and survives surprises."""

import time
from collections.abc import MutableMapping
from typing import Any
from uuid import uuid4

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Unexpected, problem_response

log = structlog.get_logger("api")

_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_ONE_YEAR = "max-age=31536000; includeSubDomains"


class RequestMiddleware:
    """Logs method, path, status and time of each request: never a query, a header or a body, which may be secret.

    An unexpected error is answered 500 with an incident id; what happened stands in the log under that id only.
    """

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._headers = {**_SAFE, **({"Strict-Transport-Security": _ONE_YEAR} if https else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = str(uuid4())
        answer: MutableMapping[str, Any] = {}
        began = time.perf_counter()

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer["status"] = message["status"]
                self._protect(MutableHeaders(scope=message), request_id)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_safely)
            except Exception:
                log.exception("request failed", incident=request_id, path=scope["path"])
                if "status" in answer:
                    raise
                await self._apologise(scope, receive, send_safely, request_id)
            finally:
                spent = round((time.perf_counter() - began) * 1000, 1)
                log.info("request", method=scope["method"], path=scope["path"], ms=spent, **answer)

    def _protect(self, headers: MutableHeaders, request_id: str) -> None:
        headers["X-Request-Id"] = request_id
        headers.setdefault("Cache-Control", "no-store")
        for name, value in self._headers.items():
            headers.setdefault(name, value)
        if "json" in headers.get("content-type", ""):
            headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"

    async def _apologise(self, scope: Scope, receive: Receive, send: Send, incident: str) -> None:
        problem = Unexpected(f"It is noted as incident {incident}; nothing was changed.")
        await problem_response(problem, incident=incident)(scope, receive, send)
