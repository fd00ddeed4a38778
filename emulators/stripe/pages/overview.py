"""The overview page: sessions, events, and the state of their deliveries."""

import json
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from emulators.stripe.config import API_VERSION
from emulators.stripe.emulator import Call, Emulator
from emulators.stripe.events import queue_delivery
from emulators.stripe.pages.render import render

Endpoint = Callable[[Request], Awaitable[Response]]
_LIMIT = 50
_EVENTS = (
    "select o.id, json_extract(o.body, '$.type') as type, json_extract(o.body, '$.created') as created,"
    " count(d.id) as copies, sum(d.state = 'delivered') as delivered, sum(d.state = 'failed') as failed,"
    " sum(d.attempts) as attempts, max(d.last_status) as last_status, max(d.last_error) as last_error"
    " from objects o left join deliveries d on d.event_id = o.id where o.kind = 'event'"
    " group by o.seq order by o.seq desc limit ?"
)
_SESSIONS = "select body from objects where kind = 'checkout.session' order by seq desc limit ?"


def overview_routes(emulator: Emulator) -> list[Route]:
    """The overview page and its resend buttons."""
    return [
        Route("/", _overview(emulator), methods=["GET"]),
        Route("/resend/{id}", _resend(emulator), methods=["POST"]),
    ]


def _overview(emulator: Emulator) -> Endpoint:
    async def serve(_request: Request) -> Response:
        store = emulator.store
        counts = store.rows("select state, count(*) as number from deliveries group by 1")
        return render(
            "overview.html",
            sessions=[json.loads(row["body"]) for row in store.rows(_SESSIONS, _LIMIT)],
            events=store.rows(_EVENTS, _LIMIT),
            counts={row["state"]: row["number"] for row in counts},
            paused=store.switch("paused", default=False),
            webhook_url=emulator.config.webhook_url,
            api_version=API_VERSION,
        )

    return serve


def _resend(emulator: Emulator) -> Endpoint:
    async def serve(request: Request) -> Response:
        call = Call(emulator)
        event_id = request.path_params["id"]
        if emulator.store.find("event", event_id) is None:
            return render("not_found.html", 404, message=f"No such event: {event_id}")
        queue_delivery(call, event_id)
        return RedirectResponse("/", 303)

    return serve
