"""The overview page: sessions, payments, events and their deliveries, with a button for each control."""

import json
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from emulators.stripe.config import API_VERSION
from emulators.stripe.controls.faults import show_faults
from emulators.stripe.controls.routes import WRITE, Control, run_control
from emulators.stripe.dispute_results import INQUIRY_STATES, OPEN_STATES
from emulators.stripe.emulator import Call, Emulator
from emulators.stripe.errors import ApiError
from emulators.stripe.forms import parse_form
from emulators.stripe.json_types import Json
from emulators.stripe.pages.render import render

Endpoint = Callable[[Request], Awaitable[Response]]
_LIMIT, _SHORT_LIMIT = 50, 20
_EVENTS = (
    "select o.id, json_extract(o.body, '$.type') as type, json_extract(o.body, '$.created') as created,"
    " count(d.id) as copies, sum(d.state = 'delivered') as delivered, sum(d.state = 'failed') as failed,"
    " sum(d.attempts) as attempts, max(d.last_status) as last_status, max(d.last_error) as last_error"
    " from objects o left join deliveries d on d.event_id = o.id where o.kind = 'event'"
    " group by o.seq order by o.seq desc limit ?"
)
_SESSIONS = (
    "select s.body, json_extract(i.body, '$.status') as intent_status from objects s"
    " left join objects i on i.id = json_extract(s.body, '$.payment_intent')"
    " where s.kind = 'checkout.session' order by s.seq desc limit ?"
)
_OBJECTS = "select body from objects where kind = ? order by seq desc limit ?"


def overview_routes(emulator: Emulator) -> list[Route]:
    """The overview page and its buttons."""
    buttons = [
        Route(f"/controls{path}", _button(emulator, control), methods=["POST"]) for path, control in WRITE.items()
    ]
    # A refused control leaves its own address in the browser; opened again, it is the overview.
    pages = [Route(path, _overview(emulator), methods=["GET"]) for path in ("/", "/controls/{path:path}")]
    return [*pages, *buttons]


def _overview(emulator: Emulator) -> Endpoint:
    async def serve(_request: Request) -> Response:
        return _page(emulator)

    return serve


def _page(emulator: Emulator, status: int = 200, notice: str | None = None) -> Response:
    store = emulator.store
    counts = store.rows("select state, count(*) as number from deliveries group by 1")
    sessions = [
        {**json.loads(row["body"]), "intent_status": row["intent_status"]} for row in store.rows(_SESSIONS, _LIMIT)
    ]
    return render(
        "overview.html",
        status,
        notice=notice,
        sessions=sessions,
        charges=_objects(emulator, "charge"),
        refunds=_objects(emulator, "refund"),
        disputes=_objects(emulator, "dispute"),
        warnings=_objects(emulator, "radar.early_fraud_warning"),
        open_states=OPEN_STATES,
        inquiry_states=INQUIRY_STATES,
        events=store.rows(_EVENTS, _LIMIT),
        counts={row["state"]: row["number"] for row in counts},
        faults=show_faults(Call(emulator)),
        listening=len(emulator.listeners),
        webhook_url=emulator.config.webhook_url,
        api_version=API_VERSION,
    )


def _objects(emulator: Emulator, kind: str) -> list[Json]:
    return [json.loads(row["body"]) for row in emulator.store.rows(_OBJECTS, kind, _SHORT_LIMIT)]


def _button(emulator: Emulator, control: Control) -> Endpoint:
    async def serve(request: Request) -> Response:
        path = {name: str(value) for name, value in request.path_params.items()}
        try:
            form = parse_form((await request.body()).decode(errors="replace"))
            run_control(emulator, control, {name: value for name, value in form.items() if value != ""}, path)
        except ApiError as error:
            return _page(emulator, error.status, error.message)
        return RedirectResponse(f"/#{path.get('id', 'faults')}", 303)

    return serve
