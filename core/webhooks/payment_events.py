"""What a Stripe event says about a payment, read once when it is received: the types of events and their readers.

A field that is read and is not valid text raises InputInvalid, which names it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.ports.books import ObjectKind
from core.webhooks.objects import charge, checkout, fraud_warning, money_back, payment_intent
from core.webhooks.objects.fields import NOTHING, Object, PaymentEvent, Unreadable, optional_id

# The kinds that name money which came, went or is about to.
MONEY_KINDS: Final = ("checkout_paid", "checkout_pending", "payment_succeeded", "refund", "dispute", "unreadable")


@dataclass(frozen=True, slots=True)
class EventType:
    """The object of a type of event, and how it is read. `is_money`: a person must know if it cannot be read."""

    object_kind: ObjectKind
    read: Callable[[Object], PaymentEvent]
    is_money: bool = True


_REFUND = EventType("refund", money_back.refund)
_DISPUTE = EventType("dispute", money_back.dispute)
_SETTLED = EventType("charge", charge.settled, is_money=False)

# Stripe lists events by at most 20 types.
EVENT_TYPES: Final = {
    "checkout.session.completed": EventType("checkout.session", checkout.completed),
    "checkout.session.async_payment_succeeded": EventType("checkout.session", checkout.delayed_succeeded),
    "checkout.session.async_payment_failed": EventType("checkout.session", checkout.delayed_failed, is_money=False),
    "checkout.session.expired": EventType("checkout.session", checkout.expired, is_money=False),
    "payment_intent.succeeded": EventType("payment_intent", payment_intent.succeeded),
    "payment_intent.payment_failed": EventType("payment_intent", payment_intent.failed, is_money=False),
    "charge.succeeded": _SETTLED,
    "charge.updated": _SETTLED,
    "charge.refunded": EventType("charge", charge.refunded),
    "charge.refund.updated": _REFUND,
    "refund.created": _REFUND,
    "refund.updated": _REFUND,
    "refund.failed": _REFUND,
    "charge.dispute.created": _DISPUTE,
    "charge.dispute.updated": _DISPUTE,
    "charge.dispute.closed": _DISPUTE,
    "charge.dispute.funds_withdrawn": _DISPUTE,
    "charge.dispute.funds_reinstated": _DISPUTE,
    "radar.early_fraud_warning.created": EventType("radar.early_fraud_warning", fraud_warning.warned, is_money=False),
}


def payment_event_of(event_type: str, obj: Object) -> PaymentEvent:
    """The data of an event about money.

    NOTHING where the type has no meaning here; kind `unreadable` with a `reason` where money was expected.
    """
    known = EVENT_TYPES.get(event_type)
    if known is None:
        return NOTHING
    try:
        return known.read(obj)
    except Unreadable as fault:
        return {"kind": "unreadable" if known.is_money else "none", "reason": str(fault)}


def fetch_of(event_type: str, obj: Object) -> PaymentEvent:
    """The data of an event whose object must be fetched, because its body is not to be read."""
    known = EVENT_TYPES.get(event_type)
    if known is None:
        return NOTHING
    object_id = optional_id(obj, "id")
    if object_id is None:
        return {"kind": "unreadable", "reason": "id is no id"}
    return {"kind": "fetch", "object": known.object_kind, "object_id": object_id}
