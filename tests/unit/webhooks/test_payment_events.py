"""What is read off an event at the door, and what is refused."""

from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.problems import InputInvalid
from core.webhooks.parse import merge_deliveries, read_stripe_event
from core.webhooks.payment_events import NOTHING, payment_event_of

ORDER = uuid4()
COMPLETED = "checkout.session.completed"
SESSION: dict[str, Any] = {
    "id": "cs_test_1",
    "payment_intent": "pi_1",
    "payment_status": "paid",
    "amount_total": 49_900,
    "currency": "sek",
    "metadata": {"order_id": str(ORDER)},
}
EVENT: dict[str, Any] = {
    "id": "evt_1",
    "type": COMPLETED,
    "created": 1_790_000_000,
    "livemode": False,
    "api_version": "2026-10-28.endive",
    "data": {"object": SESSION},
}


@pytest.mark.parametrize(
    ("event_type", "status", "kind"),
    [
        (COMPLETED, "paid", "checkout_paid"),
        (COMPLETED, "unpaid", "checkout_pending"),
        (COMPLETED, "no_payment_required", "none"),
        ("checkout.session.async_payment_succeeded", "paid", "checkout_paid"),
        ("checkout.session.async_payment_failed", "unpaid", "checkout_failed"),
        ("checkout.session.expired", "unpaid", "checkout_expired"),
        ("payment_intent.succeeded", None, "none"),
    ],
)
def test_an_event_says_one_thing(event_type: str, status: str | None, kind: str) -> None:
    assert payment_event_of(event_type, {**SESSION, "payment_status": status})["kind"] == kind


def test_a_fact_has_what_the_business_needs() -> None:
    assert payment_event_of(COMPLETED, SESSION) == {
        "kind": "checkout_paid",
        "order_id": str(ORDER),
        "session_id": "cs_test_1",
        "payment_id": "pi_1",
        "amount": 49_900,
        "currency": "SEK",
    }


@pytest.mark.parametrize(("intent", "payment"), [({"id": "pi_2"}, "pi_2"), (None, "cs_test_1"), ("", "cs_test_1")])
def test_a_payment_is_named_bare_expanded_or_by_its_session(intent: object, payment: str) -> None:
    assert payment_event_of(COMPLETED, {**SESSION, "payment_intent": intent})["payment_id"] == payment


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"metadata": None}, "no order named"),
        ({"metadata": {"order_id": "x"}}, "no order named"),
        ({"metadata": {"order_id": 5}}, "no order named"),
        ({"metadata": {"order_id": ORDER.hex}}, "no order named"),
        ({"metadata": []}, "no order named"),
        ({"id": None}, "no id of the payment"),
        ({"id": "cs test"}, "no id of the payment"),
        ({"amount_total": None}, "amount_total is no amount"),
        ({"amount_total": True}, "amount_total is no amount"),
        ({"amount_total": -1}, "amount_total is no amount"),
        ({"amount_total": 1.5}, "amount_total is no amount"),
        ({"amount_total": 10**12 + 1}, "amount_total is no amount"),
        ({"currency": None}, "currency is no currency"),
        ({"currency": "kronor"}, "currency is no currency"),
    ],
)
def test_a_malformed_fact_is_none_with_a_reason(changes: dict[str, object], reason: str) -> None:
    assert payment_event_of(COMPLETED, {**SESSION, **changes}) == {**NOTHING, "reason": reason}


@given(st.dictionaries(st.sampled_from(list(SESSION)), st.recursive(st.none() | st.integers() | st.text(), st.lists)))
def test_no_object_makes_the_door_fall(changes: dict[str, object]) -> None:
    event = payment_event_of(COMPLETED, {**SESSION, **changes})
    if event["kind"] != "none":
        UUID(str(event["order_id"]))


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
def test_what_is_no_event_is_refused_by_its_field(body: bytes | dict[str, object], field: str) -> None:
    raw = body if isinstance(body, bytes) else orjson.dumps({**EVENT, **body})
    with pytest.raises(InputInvalid) as refused:
        read_stripe_event(raw)
    assert refused.value.field == field


def test_the_body_is_kept_as_it_was_signed() -> None:
    raw = orjson.dumps(EVENT, option=orjson.OPT_INDENT_2)
    assert read_stripe_event(raw).body == raw.decode()


def test_deliveries_of_one_event_are_folded_and_rows_are_sorted() -> None:
    one, other = (read_stripe_event(orjson.dumps({**EVENT, "id": event_id})) for event_id in ("evt_2", "evt_1"))
    rows = merge_deliveries([one, other, one, one])
    assert [(row["event_id"], row["deliveries"]) for row in rows] == [("evt_1", 1), ("evt_2", 3)]
