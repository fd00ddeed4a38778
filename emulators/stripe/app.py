"""The Starlette application with its background loops."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from time import time

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from emulators.stripe.cli_listener import listener_route
from emulators.stripe.config import Config
from emulators.stripe.controls.routes import control_routes
from emulators.stripe.deliveries import Deliverer
from emulators.stripe.emulator import Emulator
from emulators.stripe.health import health_route
from emulators.stripe.ids import new_id
from emulators.stripe.not_emulated import refused_routes
from emulators.stripe.pages.checkout import checkout_routes
from emulators.stripe.pages.intent_approval import intent_approval_routes
from emulators.stripe.pages.overview import overview_routes
from emulators.stripe.pages.payment_link import payment_link_route
from emulators.stripe.routes import api_routes
from emulators.stripe.storage import Store
from emulators.stripe.timer_loop import run_timers


def make_app(config: Config, now: Callable[[], float] = time) -> Starlette:
    """Open the data folder and build the application; `now` returns seconds since 1970."""
    emulator = Emulator(config, Store(config.data), now)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        emulator.loops.append(asyncio.create_task(Deliverer(emulator).run()))
        emulator.loops.append(asyncio.create_task(run_timers(emulator)))
        try:
            yield
        finally:
            for loop in emulator.loops:
                loop.cancel()
            await asyncio.gather(*emulator.loops, return_exceptions=True)
            emulator.store.close()

    routes = [
        *api_routes(emulator),
        *refused_routes(emulator),
        listener_route(emulator),
        *checkout_routes(emulator),
        *intent_approval_routes(emulator),
        payment_link_route(emulator),
        *overview_routes(emulator),
        health_route(emulator),
        *control_routes(emulator),
    ]
    handlers = {404: _unknown_path, 405: _unknown_path, Exception: _unexpected_error}
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers)


async def _unknown_path(request: Request, _error: Exception) -> Response:
    message = f"Unrecognized request URL ({request.method}: {request.url.path})."
    return _error_response(404, "invalid_request_error", message)


async def _unexpected_error(_request: Request, _error: Exception) -> Response:
    # Starlette raises the error again after the response, so it is in the log.
    return _error_response(500, "api_error", "An unexpected error occurred in the emulator; its log has the traceback.")


def _error_response(status: int, kind: str, message: str) -> Response:
    return JSONResponse({"error": {"message": message, "type": kind}}, status, {"Request-Id": new_id("req", 14)})
