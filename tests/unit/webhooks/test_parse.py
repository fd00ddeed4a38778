"""Read signed bodies as events, and merge deliveries of one event."""

import json
from typing import Any

import orjson
import pytest

from core.problems import InputInvalid
from core.webhooks.decode import MAX_DEPTH
from core.webhooks.new_event import merge_deliveries
from core.webhooks.parse import read_stripe_event

EVENT: dict[str, Any] = {
    "id": "evt_1",
    "type": "checkout.session.completed",
    "created": 1_790_000_000,
    "livemode": False,
    "api_version": "2026-10-28.endive",
    "data": {"object": {"id": "cs_test_1"}},
}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"\xff", "body"),
        (b"{", "body"),
        (b"[]", "body"),
        (b'"x"', "body"),
        ({"id": None}, "id"),
        ({"id": "e" * 256}, "id"),
        ({"type": "Not A Type"}, "type"),
        ({"created": "now"}, "created"),
        ({"created": True}, "created"),
        ({"created": 0}, "created"),
        ({"created": 2**40}, "created"),
        ({"livemode": "false"}, "livemode"),
        ({"data": None}, "data.object"),
        ({"data": {"object": []}}, "data.object"),
    ],
)
def test_a_body_that_is_no_event_is_refused_with_its_field(body: bytes | dict[str, object], field: str) -> None:
    raw = body if isinstance(body, bytes) else orjson.dumps({**EVENT, **body})
    with pytest.raises(InputInvalid) as refused:
        read_stripe_event(raw)
    assert refused.value.field == field


@pytest.mark.parametrize("half", ["\\ud83d", "a\\uDE00b"])
@pytest.mark.parametrize("place", ["value", "key"])
def test_half_a_surrogate_pair_is_accepted_in_a_field_that_is_not_read(half: str, place: str) -> None:
    field = f'"name": "{half}"' if place == "value" else f'"{half}": "name"'
    raw = orjson.dumps(EVENT).replace(b'"object":{', f'"object":{{{field},'.encode())
    event = read_stripe_event(raw)
    assert (event.event_id, event.body) == ("evt_1", raw.decode())


CHECKOUT: dict[str, Any] = {
    "id": "cs_test_1",
    "payment_intent": {"id": "pi_1"},
    "payment_status": "paid",
    "amount_total": 49_900,
    "currency": "sek",
    "metadata": {"order_id": "00000000-0000-4000-8000-000000000001"},
}


@pytest.mark.parametrize(
    "field",
    [
        "id",
        "type",
        "api_version",
        "data.object.id",
        "data.object.payment_intent.id",
        "data.object.payment_status",
        "data.object.currency",
        "data.object.metadata.order_id",
    ],
)
def test_half_a_surrogate_pair_is_refused_in_a_field_that_is_read(field: str) -> None:
    event = json.loads(json.dumps({**EVENT, "data": {"object": CHECKOUT}}))
    *path, last = field.split(".")
    inner = event
    for name in path:
        inner = inner[name]
    assert read_stripe_event(json.dumps(event).encode()).data["kind"] == "checkout_paid"
    inner[last] += "\ud83d"
    with pytest.raises(InputInvalid, match="surrogate") as refused:
        read_stripe_event(json.dumps(event).encode())
    assert refused.value.field == field


def nested(depth: int, text: str = "") -> bytes:
    """An event with brackets of `depth` levels, its own two included."""
    lists = "[" * (depth - 1) + "]" * (depth - 1)
    return orjson.dumps({**EVENT, "text": text})[:-1] + f',"deep":{lists}}}'.encode()


@pytest.mark.parametrize("half", [b"", b"\\ud83d"])
def test_a_body_may_be_nested_up_to_the_limit(half: bytes) -> None:
    raw = nested(MAX_DEPTH, "X").replace(b'"X"', b'"' + half + b'"')
    assert read_stripe_event(raw).body == raw.decode()


@pytest.mark.parametrize("half", [b"", b"\\ud83d"])
@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 1_500, 200_000])
def test_a_body_that_is_nested_deeper_than_the_limit_is_refused(half: bytes, depth: int) -> None:
    with pytest.raises(InputInvalid, match="nested deeper") as refused:
        read_stripe_event(nested(depth, "X").replace(b'"X"', b'"' + half + b'"'))
    assert refused.value.field == "body"


def test_brackets_in_text_and_side_by_side_are_no_nesting() -> None:
    text = '[{"\\' * 200
    raw = orjson.dumps({**EVENT, "text": text, "list": [{}] * 200})
    assert read_stripe_event(raw).body == raw.decode()


@pytest.mark.parametrize("value", ["NaN", "-Infinity", "9" * 5_000, "tru"])
def test_a_value_that_is_not_json_is_refused_beside_half_a_surrogate_pair(value: str) -> None:
    raw = orjson.dumps(EVENT)[:-1] + f',"text":"\\ud83d","value":{value}}}'.encode()
    with pytest.raises(InputInvalid, match="not JSON") as refused:
        read_stripe_event(raw)
    assert refused.value.field == "body"


def test_the_body_is_kept_as_it_was_signed() -> None:
    raw = orjson.dumps(EVENT, option=orjson.OPT_INDENT_2)
    assert read_stripe_event(raw).body == raw.decode()


def test_deliveries_of_one_event_are_merged_and_rows_are_sorted() -> None:
    one, other = (read_stripe_event(orjson.dumps({**EVENT, "id": event_id})) for event_id in ("evt_2", "evt_1"))
    rows = merge_deliveries([one, other, one, one])
    assert [(row["event_id"], row["deliveries"]) for row in rows] == [("evt_1", 1), ("evt_2", 3)]
