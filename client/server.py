"""The app on the web: this process runs it for every visitor; the browser draws it and speaks to nothing else."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import flet as ft
import flet.fastapi as flet_web
import httpx
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from client.app import App, environment_of

PATH: Final = "/app"
_ASSETS: Final = Path(__file__).parent / "assets"
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:; "
        "style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; object-src 'none'; "
        "base-uri 'self'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
# Seconds that a visitor's state is kept after the connection broke, for a reload or a train in a tunnel.
_SESSION_SECONDS: Final = 1800


def create_server() -> Starlette:
    """The server of the app, under `/app`."""
    clients: list[httpx.AsyncClient] = []

    async def main(page: ft.Page) -> None:
        await App(page, clients[0], await environment_of(page)).start()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        await flet_web.app_manager.start()
        # One pool of connections for all visitors.
        async with httpx.AsyncClient(limits=httpx.Limits(max_connections=None), trust_env=False) as http:
            clients.append(http)
            yield
        clients.clear()
        await flet_web.app_manager.shutdown()

    app = flet_web.app(
        main,
        assets_dir=str(_ASSETS),
        app_name="Aula",
        app_short_name="Aula",
        app_description="Kurser, tjänster och seminarier.",
        web_renderer=ft.WebRenderer.CANVAS_KIT,
        no_cdn=True,
        session_timeout_seconds=_SESSION_SECONDS,
    )
    return Starlette(routes=[Route("/healthz", _alive), Mount(PATH, _Guarded(app))], lifespan=lifespan)


class _Guarded:
    """Adds the headers that keep a browser to this host: the engine asks others, for what the app does not use."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._app(scope, receive, guarded)


async def _alive(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok\n")
