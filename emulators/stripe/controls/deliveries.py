"""Inspect, pause and repeat deliveries."""

from emulators.stripe.controls.faults import show_faults
from emulators.stripe.emulator import Call
from emulators.stripe.errors import no_such
from emulators.stripe.events import emit, queue_delivery
from emulators.stripe.json_types import Json

_LIST_LIMIT = 1_000


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


def pause(call: Call) -> Json:
    """Start no delivery until `resume`; running ones finish."""
    call.store.set_switch("paused", value=True)
    return show_faults(call)


def resume(call: Call) -> Json:
    """Start deliveries again, oldest first."""
    call.store.set_switch("paused", value=False)
    call.emulator.wake()
    return show_faults(call)


def resend(call: Call) -> Json:
    """Deliver an event again with the same id."""
    event = _event(call)
    queue_delivery(call, event["id"])
    return event


def repeat(call: Call) -> Json:
    """Emit the same data again as an event with a new id, as Stripe sometimes does."""
    event = _event(call)
    return emit(call, event["type"], event["data"]["object"], event["data"].get("previous_attributes"))


def _event(call: Call) -> Json:
    event = call.store.find("event", call.path["id"])
    if event is None:
        raise no_such("event", call.path["id"])
    return event
