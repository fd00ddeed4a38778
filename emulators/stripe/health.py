"""GET /healthz."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.stripe.config import API_VERSION
from emulators.stripe.emulator import Emulator


def health_route(emulator: Emulator) -> Route:
    """200 while the store works and the background loops run, else 503."""

    async def serve(_request: Request) -> Response:
        emulator.store.rows("select 1")
        # A loop ends only through a bug. Without the loop, events would stay undelivered.
        ended = any(loop.done() for loop in emulator.loops)
        body = {"status": "failed" if ended else "ok", "emulator": "stripe", "api_version": API_VERSION}
        return JSONResponse(body, 503 if ended else 200)

    return Route("/healthz", serve, methods=["GET"])
