"""Read payment events from the objects of Stripe events."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.problems import InputInvalid
from core.webhooks.objects.fields import NOTHING
from core.webhooks.payment_events import EVENT_TYPES, payment_event_of

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
INTENT: dict[str, Any] = {
    "id": "pi_1",
    "amount_received": 49_900,
    "currency": "sek",
    "metadata": {"order_id": str(ORDER)},
}
REFUND: dict[str, Any] = {
    "id": "re_1",
    "status": "succeeded",
    "payment_intent": "pi_1",
    "amount": 100,
    "currency": "sek",
}
DISPUTE: dict[str, Any] = {**REFUND, "id": "du_1", "status": "lost"}
TRANSACTION: dict[str, Any] = {"id": "txn_1", "fee": 929, "amount": 49_900, "currency": "sek", "created": 1_790_000_000}
CHARGE: dict[str, Any] = {
    "id": "ch_1",
    "payment_intent": "pi_1",
    "balance_transaction": TRANSACTION,
    "amount_captured": 49_900,
    "amount_refunded": 100,
    "currency": "sek",
    "metadata": {"order_id": str(ORDER)},
}
WARNING: dict[str, Any] = {
    "id": "issfr_1",
    "charge": "ch_1",
    "payment_intent": "pi_1",
    "fraud_type": "made_with_stolen_card",
}
OBJECTS = {
    "checkout.session": SESSION,
    "payment_intent": INTENT,
    "charge": CHARGE,
    "refund": REFUND,
    "dispute": DISPUTE,
    "radar.early_fraud_warning": WARNING,
}


@pytest.mark.parametrize(
    ("event_type", "status", "kind"),
    [
        (COMPLETED, "paid", "checkout_paid"),
        (COMPLETED, "unpaid", "checkout_pending"),
        (COMPLETED, "no_payment_required", "checkout_paid"),
        (COMPLETED, "unheard_of", "none"),
        ("checkout.session.async_payment_succeeded", "paid", "checkout_paid"),
        ("checkout.session.async_payment_failed", "unpaid", "checkout_failed"),
        ("checkout.session.expired", "unpaid", "checkout_expired"),
        ("invoice.paid", None, "none"),
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


def test_a_payment_intent_names_its_order() -> None:
    known = {"order_id": str(ORDER), "payment_id": "pi_1"}
    assert payment_event_of("payment_intent.succeeded", INTENT) == {
        "kind": "payment_succeeded",
        **known,
        "amount": 49_900,
        "currency": "SEK",
    }
    assert payment_event_of("payment_intent.payment_failed", INTENT) == {"kind": "payment_failed", **known}


def test_a_charge_tells_its_fee_where_its_transaction_is_expanded() -> None:
    assert payment_event_of("charge.updated", CHARGE) == {
        "kind": "charge_settled",
        "object_id": "ch_1",
        "transaction_id": "txn_1",
        "payment_id": "pi_1",
        "order_id": str(ORDER),
        "amount": 49_900,
        "currency": "SEK",
        "fee_amount": 929,
        "settled_amount": 49_900,
        "settled_currency": "SEK",
        "booked_at": 1_790_000_000,
    }


def test_a_charge_whose_transaction_is_only_named_is_fetched() -> None:
    named = payment_event_of("charge.succeeded", {**CHARGE, "balance_transaction": "txn_1"})
    assert named == {"kind": "fetch", "object": "charge", "object_id": "ch_1", "transaction_id": "txn_1"}
    assert payment_event_of("charge.succeeded", {**CHARGE, "balance_transaction": None}) == NOTHING


def test_a_refunded_charge_is_fetched_with_its_refunds() -> None:
    assert payment_event_of("charge.refunded", CHARGE) == {
        "kind": "fetch",
        "object": "charge",
        "object_id": "ch_1",
        "payment_id": "pi_1",
        "refunded": 100,
    }


@pytest.mark.parametrize(("intent", "payment"), [({"id": "pi_2"}, "pi_2"), (None, "cs_test_1"), ("", "cs_test_1")])
def test_the_payment_id_is_read_from_an_id_an_object_or_the_session(intent: object, payment: str) -> None:
    assert payment_event_of(COMPLETED, {**SESSION, "payment_intent": intent})["payment_id"] == payment


@pytest.mark.parametrize(
    ("event_type", "changes", "reason"),
    [
        (COMPLETED, {"metadata": None}, "no order named"),
        (COMPLETED, {"metadata": {"order_id": "x"}}, "no order named"),
        (COMPLETED, {"metadata": {"order_id": 5}}, "no order named"),
        (COMPLETED, {"metadata": {"order_id": ORDER.hex}}, "no order named"),
        (COMPLETED, {"metadata": []}, "no order named"),
        (COMPLETED, {"id": None}, "id is no id"),
        (COMPLETED, {"id": "cs test"}, "id is no id"),
        (COMPLETED, {"amount_total": None}, "amount_total is no amount"),
        (COMPLETED, {"amount_total": True}, "amount_total is no amount"),
        (COMPLETED, {"amount_total": -1}, "amount_total is no amount"),
        (COMPLETED, {"amount_total": 1.5}, "amount_total is no amount"),
        (COMPLETED, {"amount_total": 10**12 + 1}, "amount_total is no amount"),
        (COMPLETED, {"currency": None}, "currency is no currency"),
        (COMPLETED, {"currency": "kronor"}, "currency is no currency"),
        ("payment_intent.succeeded", {"metadata": {}}, "no order named"),
        ("payment_intent.succeeded", {"amount_received": "1"}, "amount_received is no amount"),
        ("refund.updated", {"status": "unheard_of"}, "status is not known"),
        ("refund.updated", {"payment_intent": None}, "payment_intent is no id"),
        ("charge.dispute.closed", {"amount": 0}, "amount is no amount"),
        ("charge.refunded", {"amount_refunded": None}, "amount_refunded is no amount"),
    ],
)
def test_money_that_cannot_be_read_is_named_with_the_reason(
    event_type: str, changes: dict[str, object], reason: str
) -> None:
    obj = {**OBJECTS[EVENT_TYPES[event_type].object_kind], **changes}
    assert payment_event_of(event_type, obj) == {"kind": "unreadable", "reason": reason}


@pytest.mark.parametrize(
    ("event_type", "changes", "reason"),
    [
        ("checkout.session.expired", {"metadata": {}}, "no order named"),
        ("payment_intent.payment_failed", {"metadata": {}}, "no order named"),
        ("charge.updated", {"balance_transaction": {**TRANSACTION, "fee": "x"}}, "fee is no amount"),
        ("radar.early_fraud_warning.created", {"charge": None, "payment_intent": None}, "charge is no id"),
    ],
)
def test_an_object_without_money_that_cannot_be_read_is_nothing(
    event_type: str, changes: dict[str, object], reason: str
) -> None:
    obj = {**OBJECTS[EVENT_TYPES[event_type].object_kind], **changes}
    assert payment_event_of(event_type, obj) == {**NOTHING, "reason": reason}


@pytest.mark.parametrize(
    ("event_type", "path"),
    [
        ("payment_intent.succeeded", "id"),
        ("payment_intent.succeeded", "currency"),
        ("payment_intent.succeeded", "metadata.order_id"),
        ("refund.updated", "id"),
        ("refund.updated", "status"),
        ("refund.updated", "payment_intent"),
        ("charge.dispute.created", "currency"),
        ("charge.updated", "balance_transaction.id"),
        ("charge.updated", "balance_transaction.currency"),
        ("charge.refunded", "payment_intent"),
        ("radar.early_fraud_warning.created", "fraud_type"),
    ],
)
def test_half_a_surrogate_pair_is_refused_with_its_field(event_type: str, path: str) -> None:
    outer, _, inner = path.partition(".")
    obj = OBJECTS[EVENT_TYPES[event_type].object_kind]
    broken = {**obj[outer], inner: "\ud83d"} if inner else "\ud83d"
    with pytest.raises(InputInvalid, match="surrogate") as refused:
        payment_event_of(event_type, {**obj, outer: broken})
    assert refused.value.field == f"data.object.{path}"


def test_the_types_of_events_fit_one_list_of_the_provider() -> None:
    assert len(EVENT_TYPES) <= 20


FIELDS = sorted({name for obj in OBJECTS.values() for name in obj})
VALUES = st.recursive(st.none() | st.integers() | st.text("aZ0_- é€"), st.lists)


@given(st.sampled_from(list(EVENT_TYPES)), st.dictionaries(st.sampled_from(FIELDS), VALUES))
def test_no_object_raises(event_type: str, changes: dict[str, object]) -> None:
    obj = OBJECTS[EVENT_TYPES[event_type].object_kind]
    event = payment_event_of(event_type, {**obj, **changes})
    if event.get("order_id"):
        UUID(str(event["order_id"]))
