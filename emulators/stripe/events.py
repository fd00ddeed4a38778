"""Events: stored for lists and resends, each with a queued delivery."""

import copy
import random

from emulators.stripe.config import API_VERSION
from emulators.stripe.emulator import Call
from emulators.stripe.errors import no_such
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.pagination import LIST_PARAMS, list_page
from emulators.stripe.schema import boolean, check_params, choice, list_of, text

_LIST = {
    **LIST_PARAMS,
    "type": text(),
    "types": list_of(text(), 20),
    "delivery_success": boolean,
}
_TYPE = "json_extract(body, '$.type') glob ?"
_UNDELIVERED = "exists (select 1 from deliveries d where d.event_id = objects.id and d.state <> 'delivered')"


def emit(call: Call, kind: str, subject: Json, previous: Json | None = None) -> Json:
    """Store an event about `subject` and queue its delivery in the same transaction."""
    data: Json = {"object": copy.deepcopy(subject)}
    if previous:
        data["previous_attributes"] = previous
    event = call.store.save(
        {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": call.created,
            "data": data,
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": call.request_id, "idempotency_key": call.idempotency_key},
            "type": kind,
        }
    )
    for _ in range(int(call.store.switch("copies", 1))):
        queue_delivery(call, event["id"])
    return event


def change(call: Call, item: Json, changes: Json, *kinds: str) -> Json:
    """Save `item` with `changes` and emit an event of each kind; returns the changed object."""
    previous = {name: item.get(name) for name, value in changes.items() if item.get(name) != value}
    changed = call.store.save({**item, **changes})
    for kind in kinds:
        emit(call, kind, changed, previous)
    return changed


def queue_delivery(call: Call, event_id: str) -> None:
    """Queue one more delivery of an event, due now or after the delay set as a fault."""
    low, high = call.store.switch("delay_s", [0, 0])
    now = call.emulator.now()
    due = now + random.uniform(low, high)  # noqa: S311 - a random delay, no secret
    call.store.run(
        "insert into deliveries (event_id, state, attempts, due, created) values (?, 'pending', 0, ?, ?)",
        event_id,
        due,
        now,
    )
    call.emulator.wake()


def list_events(call: Call) -> Json:
    """GET /v1/events, filtered by type, time and delivery success."""
    params = check_params(call.params, _LIST)
    where, values = "", list[object]()
    types = [params["type"]] if "type" in params else params.get("types", [])
    if types:
        # Stripe accepts groups such as `checkout.session.*`.
        where += f" and ({' or '.join(_TYPE for _ in types)})"
        values += types
    if "delivery_success" in params:
        where += f" and {'not ' if params['delivery_success'] else ''}{_UNDELIVERED}"
    return list_page(call.store, "event", params, "/v1/events", where, *values)


def retrieve_event(call: Call) -> Json:
    """GET /v1/events/{id}."""
    check_params(call.params, {"expand": list_of(text())})
    return _find_event(call)


def retry_event(call: Call) -> Json:
    """POST /v1/events/{id}/retry: deliver it again; `stripe events resend` calls this."""
    check_params(call.params, {"for_stripecli": choice("true", "false"), "webhook_endpoint": text(), "account": text()})
    event = _find_event(call)
    queue_delivery(call, event["id"])
    return event


def _find_event(call: Call) -> Json:
    event = call.store.find("event", call.path["id"])
    if event is None:
        raise no_such("event", call.path["id"])
    return event
