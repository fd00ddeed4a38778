"""Read payment events from the objects of Stripe events."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
def test_an_event_type_and_payment_status_give_one_kind(event_type: str, status: str | None, kind: str) -> None:
    assert payment_event_of(event_type, {**SESSION, "payment_status": status})["kind"] == kind


def test_a_payment_event_has_order_session_payment_and_amount() -> None:
    assert payment_event_of(COMPLETED, SESSION) == {
        "kind": "checkout_paid",
        "order_id": str(ORDER),
        "session_id": "cs_test_1",
        "payment_id": "pi_1",
        "amount": 49_900,
        "currency": "SEK",
    }


@pytest.mark.parametrize(("intent", "payment"), [({"id": "pi_2"}, "pi_2"), (None, "cs_test_1"), ("", "cs_test_1")])
def test_the_payment_id_is_read_from_an_id_an_object_or_the_session(intent: object, payment: str) -> None:
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
def test_a_malformed_object_gives_none_with_a_reason(changes: dict[str, object], reason: str) -> None:
    assert payment_event_of(COMPLETED, {**SESSION, **changes}) == {**NOTHING, "reason": reason}


@given(st.dictionaries(st.sampled_from(list(SESSION)), st.recursive(st.none() | st.integers() | st.text(), st.lists)))
def test_no_object_raises(changes: dict[str, object]) -> None:
    event = payment_event_of(COMPLETED, {**SESSION, **changes})
    if event["kind"] != "none":
        UUID(str(event["order_id"]))
