"""Events: what happened, kept for lists and resends, with a delivery of each."""

import copy
import random

from emulators.stripe.config import API_VERSION
from emulators.stripe.emulator import Call
from emulators.stripe.errors import no_such
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.lists import PAGE, page
from emulators.stripe.schema import boolean, check_params, choice, each, fields, integer, text

_MOMENT = integer(0, 2**40)
_RANGE = fields({"gt": _MOMENT, "gte": _MOMENT, "lt": _MOMENT, "lte": _MOMENT})
_LIST = {
    **PAGE,
    "type": text(),
    "types": each(text(), 20),
    "delivery_success": boolean,
}
_COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_TYPE = "json_extract(body, '$.type') glob ?"
_OPEN_DELIVERY = "exists (select 1 from deliveries d where d.event_id = objects.id and d.state <> 'delivered')"


def emit(call: Call, kind: str, subject: Json, previous: Json | None = None) -> Json:
    """Record that something happened to `subject`, and queue its delivery in the same transaction."""
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


def queue_delivery(call: Call, event_id: str) -> None:
    """One more delivery of an event, due now or, when the delay switch says so, a little later."""
    low, high = call.store.switch("delay_s", [0, 0])
    now = call.emulator.now()
    due = now + random.uniform(low, high)  # noqa: S311 - which event comes first is play, no secret
    call.store.run(
        "insert into deliveries (event_id, state, attempts, due, created) values (?, 'pending', 0, ?, ?)",
        event_id,
        due,
        now,
    )
    call.emulator.bell.set()


def list_events(call: Call) -> Json:
    """GET /v1/events, filtered by type, time and whether every delivery succeeded."""
    params = check_params(call.params, {**_LIST, "created": _created})
    where, values = "", list[object]()
    types = [params["type"]] if "type" in params else params.get("types", [])
    if types:
        # Stripe takes groups such as `checkout.session.*`.
        where += f" and ({' or '.join(_TYPE for _ in types)})"
        values += types
    if "delivery_success" in params:
        where += f" and {'not ' if params['delivery_success'] else ''}{_OPEN_DELIVERY}"
    for name, moment in params.get("created", {}).items():
        where += f" and json_extract(body, '$.created') {_COMPARISONS[name]} ?"
        values.append(moment)
    return page(call.store, "event", params, "/v1/events", where, *values)


def _created(value: object, param: str) -> Json:
    if isinstance(value, str):
        moment = _MOMENT(value, param)
        return {"gte": moment, "lte": moment}
    return _RANGE(value, param)


def retrieve_event(call: Call) -> Json:
    """GET /v1/events/{id}."""
    check_params(call.params, {"expand": each(text())})
    return _known(call)


def retry_event(call: Call) -> Json:
    """POST /v1/events/{id}/retry: deliver it again, as `stripe events resend` asks."""
    check_params(call.params, {"for_stripecli": choice("true", "false"), "webhook_endpoint": text(), "account": text()})
    event = _known(call)
    queue_delivery(call, event["id"])
    return event


def _known(call: Call) -> Json:
    event = call.store.find("event", call.path["id"])
    if event is None:
        raise no_such("event", call.path["id"])
    return event
