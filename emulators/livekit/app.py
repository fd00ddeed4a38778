"""The Starlette application: the room service, the clients' way in, and the webhooks."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from time import time

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from emulators.livekit.access import Key
from emulators.livekit.controls import Controls
from emulators.livekit.deliveries import Deliverer
from emulators.livekit.faults import Faults
from emulators.livekit.room_service import RoomService
from emulators.livekit.rooms import Rooms
from emulators.livekit.signalling import Signalling
from emulators.livekit.twirp import Twirp
from emulators.livekit.upkeep import run_upkeep
from emulators.livekit.webhook_events import Reports


def make_app(
    key: Key, webhook_url: str | None = None, *, pause_s: float = 1.0, now: Callable[[], float] = time
) -> Starlette:
    """The server with one key. Events go to `webhook_url`; `pause_s` is before the first retry of a delivery."""
    deliverer = Deliverer(key, webhook_url, now, pause_s)
    rooms = Rooms(Reports(now, deliverer.tell))
    faults = Faults()
    twirp, signalling = Twirp(RoomService(rooms, faults), key), Signalling(rooms, key)
    controls = Controls(faults, deliverer)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        upkeep = asyncio.create_task(run_upkeep(rooms, key))
        try:
            yield
        finally:
            upkeep.cancel()
            await deliverer.close()

    routes = [
        Route("/", _healthz, methods=["GET"]),
        Route("/twirp/livekit.RoomService/{method}", twirp.call, methods=["POST"]),
        Route("/rtc/validate", signalling.validate, methods=["GET"]),
        Route("/rtc/v1/validate", signalling.validate, methods=["GET"]),
        WebSocketRoute("/rtc", signalling.join),
        WebSocketRoute("/rtc/v1", signalling.join_v1),
        Route("/_emulator/faults", controls.show_faults, methods=["GET"]),
        Route("/_emulator/faults", controls.set_faults, methods=["POST"]),
        Route("/_emulator/deliveries", controls.show_deliveries, methods=["GET"]),
    ]
    # Pages of any origin join, as in the server.
    cors = Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])
    return Starlette(routes=routes, lifespan=lifespan, middleware=[cors])


async def _healthz(_request: Request) -> Response:
    return PlainTextResponse("OK")
