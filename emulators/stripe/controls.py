"""`/_emulator/`: inspect deliveries, inject faults, settle debits. Stripe has no such API."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.stripe.bank_debits import settle_debit
from emulators.stripe.emulator import Call, Emulator
from emulators.stripe.endpoint import LOST_RESPONSES
from emulators.stripe.errors import ApiError, no_such
from emulators.stripe.events import emit, queue_delivery
from emulators.stripe.forms import parse_form
from emulators.stripe.json_types import Json
from emulators.stripe.sessions import find_session

Control = Callable[[Call], Json]
_FAULTS = ("copies", "delay_min_s", "delay_max_s", LOST_RESPONSES)
_MAX_COPIES, _MAX_DELAY_S, _MAX_LOST, _LIST_LIMIT = 50, 3_600.0, 1_000, 1_000


def control_routes(emulator: Emulator) -> list[Route]:
    """Every control; all return JSON and need no key."""
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
        _LIST_LIMIT,
    )
    return {"deliveries": rows, "counts": {row["state"]: row["number"] for row in counts}}


def show_faults(call: Call) -> Json:
    """The current faults."""
    return {
        "copies": call.store.switch("copies", 1),
        "delay_s": call.store.switch("delay_s", [0, 0]),
        "lost_answers": call.store.switch(LOST_RESPONSES, 0),
        "paused": call.store.switch("paused", default=False),
    }


def set_faults(call: Call) -> Json:
    """Set the given faults; nothing changes when one is invalid.

    `copies`: how often each new event is delivered. `delay_min_s`, `delay_max_s`: each delivery waits a random
    time, so the order is lost. `lost_answers`: that many POSTs to the API are executed but answered with 503.
    """
    unknown = call.params.keys() - set(_FAULTS)
    if unknown:
        raise ApiError(f"Unknown: {', '.join(sorted(unknown))}; known: {', '.join(_FAULTS)}")
    if "copies" in call.params:
        call.store.set_switch("copies", int(_number(call.params["copies"], "copies", 1, _MAX_COPIES)))
    if LOST_RESPONSES in call.params:
        call.store.set_switch(LOST_RESPONSES, int(_number(call.params[LOST_RESPONSES], LOST_RESPONSES, 0, _MAX_LOST)))
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
    """Start no delivery until `resume`; running ones finish."""
    call.store.set_switch("paused", value=True)
    return show_faults(call)


def resume(call: Call) -> Json:
    """Start deliveries again, oldest first."""
    call.store.set_switch("paused", value=False)
    call.emulator.wakeup.set()
    return show_faults(call)


def resend(call: Call) -> Json:
    """Deliver an event again with the same id."""
    event = _event(call)
    queue_delivery(call, event["id"])
    return event


def repeat(call: Call) -> Json:
    """Emit the same data again as an event with a new id, as Stripe sometimes does."""
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
    return settle_debit(call, find_session(call, call.path["id"]), succeeded=outcome == "succeeded")
