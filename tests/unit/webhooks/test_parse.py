"""Read signed bodies as events, and merge deliveries of one event."""

from typing import Any

import orjson
import pytest

from core.problems import InputInvalid
from core.webhooks.parse import merge_deliveries, read_stripe_event

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


def test_the_body_is_kept_as_it_was_signed() -> None:
    raw = orjson.dumps(EVENT, option=orjson.OPT_INDENT_2)
    assert read_stripe_event(raw).body == raw.decode()


def test_deliveries_of_one_event_are_merged_and_rows_are_sorted() -> None:
    one, other = (read_stripe_event(orjson.dumps({**EVENT, "id": event_id})) for event_id in ("evt_2", "evt_1"))
    rows = merge_deliveries([one, other, one, one])
    assert [(row["event_id"], row["deliveries"]) for row in rows] == [("evt_1", 1), ("evt_2", 3)]
