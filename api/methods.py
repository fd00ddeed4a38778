"""HTTP's own methods: HEAD where there is GET, OPTIONS, and an Allow header with all methods of a path (RFC 9110)."""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NOT_ALLOWED: Final = 405


class MethodMiddleware:
    """Answers HEAD as GET without the body, OPTIONS with Allow, and completes the Allow of a refused method."""

    def __init__(self, app: ASGIApp, *, routes_of: FastAPI) -> None:
        self._app = app
        self._routes_of = routes_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["method"] == "HEAD":
            head = _Head(receive, send)
            await self._app({**scope, "method": "GET"}, head.receive, self._completing(scope, head.send))
        elif scope["method"] == "OPTIONS" and (allowed := self._allowed(scope["path"])):
            await Response(None, 204, {"Allow": allowed})(scope, receive, send)
        else:
            await self._app(scope, receive, self._completing(scope, send))

    def _completing(self, scope: Scope, send: Send) -> Send:
        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == _NOT_ALLOWED:
                MutableHeaders(scope=message)["Allow"] = self._allowed(scope["path"])
            await send(message)

        return complete

    def _allowed(self, path: str) -> str:
        """The methods of a path, as in an Allow header; empty if there is no such path."""
        found = {method for pattern, methods in self._methods for method in methods if pattern.match(path)}
        if "GET" in found:
            found.add("HEAD")
        return ", ".join(sorted({*found, "OPTIONS"})) if found else ""

    @cached_property
    def _methods(self) -> Sequence[tuple[re.Pattern[str], set[str]]]:
        return [
            (compile_path(route.path)[0], set(route.methods or ()))
            for route in iter_route_contexts(self._routes_of.routes)
            if route.path
        ]


class _Head:
    """The answer of a GET without its body. A stream ends at its first part, as if the client had gone."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._done = False

    async def receive(self) -> Message:
        return {"type": "http.disconnect"} if self._done else await self._receive()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._send(message)
        elif not self._done:
            self._done = True
            await self._send({"type": "http.response.body", "body": b""})
