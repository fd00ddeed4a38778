"""`/_emulator/`: what tests and people change about deliveries; Stripe itself has nothing like it."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.stripe.api import LOST_ANSWERS
from emulators.stripe.emulator import Call, Emulator
from emulators.stripe.errors import ApiError, no_such
from emulators.stripe.events import emit, queue_delivery
from emulators.stripe.forms import parse_form
from emulators.stripe.json_types import Json
from emulators.stripe.payments import settle
from emulators.stripe.sessions import find_session

Control = Callable[[Call], Json]
_SWITCHES = ("copies", "delay_min_s", "delay_max_s", LOST_ANSWERS)
_MAX_COPIES, _MAX_DELAY_S, _MAX_LOST, _SHOWN = 50, 3_600.0, 1_000, 1_000


def control_routes(emulator: Emulator) -> list[Route]:
    """Every control; all answer JSON and need no key."""
    table: list[tuple[str, str, Control]] = [
        ("GET", "/deliveries", list_deliveries),
        ("GET", "/faults", show_faults),
        ("POST", "/faults", set_faults),
        ("POST", "/deliveries/pause", pause),
        ("POST", "/deliveries/resume", resume),
        ("POST", "/events/{id}/resend", resend),
        ("POST", "/events/{id}/repeat", repeat),
        ("POST", "/sessions/{id}/settle", settle_session),
    ]
    return [
        Route(f"/_emulator{path}", _endpoint(emulator, control), methods=[method]) for method, path, control in table
    ]


def _endpoint(emulator: Emulator, control: Control) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        raw = (await request.body()).decode(errors="replace") if request.method == "POST" else request.url.query
        path = {name: str(value) for name, value in request.path_params.items()}
        try:
            with emulator.store.transaction():
                return JSONResponse(control(Call(emulator, parse_form(raw), path)))
        except ApiError as error:
            return JSONResponse(error.body, error.status)

    return serve


def list_deliveries(call: Call) -> Json:
    """Newest first, at most 1,000; `state` (pending, delivered, failed) and `event` narrow the list."""
    where, values = "1 = 1", list[object]()
    for name, column in (("state", "d.state"), ("event", "d.event_id")):
        if name in call.params:
            where += f" and {column} = ?"
            values.append(call.params[name])
    joined = "from deliveries d join objects o on o.id = d.event_id"
    counts = call.store.rows("select state, count(*) as number from deliveries group by 1")
    rows = call.store.rows(
        f"select d.*, json_extract(o.body, '$.type') as type {joined} where {where} order by d.id desc limit ?",
        *values,
        _SHOWN,
    )
    return {"deliveries": rows, "counts": {row["state"]: row["number"] for row in counts}}


def show_faults(call: Call) -> Json:
    """The switches as they stand."""
    return {
        "copies": call.store.switch("copies", 1),
        "delay_s": call.store.switch("delay_s", [0, 0]),
        "lost_answers": call.store.switch(LOST_ANSWERS, 0),
        "paused": call.store.switch("paused", default=False),
    }


def set_faults(call: Call) -> Json:
    """Set the switches named; nothing is changed when one is wrong.

    `copies` of each new event are delivered. `delay_min_s` and `delay_max_s`: each waits at random, so order is
    lost. `lost_answers`: that many POSTs to the API are carried out, but answered 503.
    """
    unknown = call.params.keys() - set(_SWITCHES)
    if unknown:
        raise ApiError(f"Unknown: {', '.join(sorted(unknown))}; known: {', '.join(_SWITCHES)}")
    if "copies" in call.params:
        call.store.set_switch("copies", int(_number(call.params["copies"], "copies", 1, _MAX_COPIES)))
    if LOST_ANSWERS in call.params:
        call.store.set_switch(LOST_ANSWERS, int(_number(call.params[LOST_ANSWERS], LOST_ANSWERS, 0, _MAX_LOST)))
    if "delay_max_s" in call.params:
        high = _number(call.params["delay_max_s"], "delay_max_s", 0, _MAX_DELAY_S)
        low = _number(call.params.get("delay_min_s", 0), "delay_min_s", 0, high)
        call.store.set_switch("delay_s", [low, high])
    return show_faults(call)


def _number(value: object, name: str, low: float, high: float) -> float:
    try:
        number = float(str(value))
    except ValueError as error:
        raise ApiError(f"{name} must be a number, not {value}", param=name) from error
    if not low <= number <= high:
        raise ApiError(f"{name} must be from {low} to {high}", param=name)
    return number


def pause(call: Call) -> Json:
    """Start no delivery until `resume`; those under way end."""
    call.store.set_switch("paused", value=True)
    return show_faults(call)


def resume(call: Call) -> Json:
    """Deliver again, what waited first."""
    call.store.set_switch("paused", value=False)
    call.emulator.bell.set()
    return show_faults(call)


def resend(call: Call) -> Json:
    """Deliver an event again, under the same id."""
    event = _event(call)
    queue_delivery(call, event["id"])
    return event


def repeat(call: Call) -> Json:
    """Tell the same fact again as an event with an id of its own, as Stripe now and then does."""
    event = _event(call)
    return emit(call, event["type"], event["data"]["object"])


def _event(call: Call) -> Json:
    event = call.store.find("event", call.path["id"])
    if event is None:
        raise no_such("event", call.path["id"])
    return event


def settle_session(call: Call) -> Json:
    """Settle a bank debit now; `outcome` is `succeeded` or `failed`."""
    outcome = call.params.get("outcome")
    if outcome not in ("succeeded", "failed"):
        raise ApiError("outcome must be succeeded or failed", param="outcome")
    return settle(call, find_session(call, call.path["id"]), succeeded=outcome == "succeeded")
