"""What a Stripe event says about a payment, read once when it is received.

A field that is read and is not valid text raises InputInvalid, which names it.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, cast

from core.refunds.states import PROVIDER_STATES
from core.webhooks.decode import require_text

PaymentEvent = Mapping[str, object]

NOTHING: Final[PaymentEvent] = {"kind": "none"}
_CURRENCY: Final = re.compile(r"[A-Za-z]{3}")
_ID: Final = re.compile(r"[A-Za-z0-9_]{1,255}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LARGEST_AMOUNT: Final = 10**12
_REFUND_EVENTS: Final = frozenset({"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"})
# Stripe's status: ours. https://docs.stripe.com/api/disputes/object
_DISPUTE_STATES: Final = {
    "warning_needs_response": "open",
    "warning_under_review": "open",
    "warning_closed": "won",
    "needs_response": "open",
    "under_review": "open",
    "won": "won",
    "prevented": "won",
    "lost": "lost",
}


def payment_event_of(event_type: str, obj: Mapping[str, Any]) -> PaymentEvent:
    """The data of an event about money, or NOTHING (with a `reason` where data was expected).

    Source: Stripe's fulfilment guide; `completed` with payment_status `unpaid` announces a delayed method. Refunds are
    read from events of their own (`refund.*`), not from the charge's.
    """
    if event_type in _REFUND_EVENTS:
        return _money_back("refund", obj, PROVIDER_STATES)
    if event_type.startswith("charge.dispute."):
        return _money_back("dispute", obj, _DISPUTE_STATES)
    match event_type, obj.get("payment_status"):
        case "checkout.session.completed", "paid":
            kind = "checkout_paid"
        case "checkout.session.async_payment_succeeded", _:
            kind = "checkout_paid"
        case "checkout.session.completed", "unpaid":
            kind = "checkout_pending"
        case "checkout.session.async_payment_failed", _:
            kind = "checkout_failed"
        case "checkout.session.expired", _:
            kind = "checkout_expired"
        case _:
            require_text(obj.get("payment_status"), "data.object.payment_status")
            return NOTHING
    return _checkout(kind, obj)


def _checkout(kind: str, session: Mapping[str, Any]) -> PaymentEvent:
    order_id = _named(session, "order_id")
    session_id = _id(session)
    payment_id = _id(session.get("payment_intent"), "data.object.payment_intent") or session_id
    amount, currency = session.get("amount_total"), session.get("currency")
    require_text(currency, "data.object.currency")
    if order_id is None:
        return {**NOTHING, "reason": "no order named"}
    if session_id is None or payment_id is None:
        return {**NOTHING, "reason": "no id of the payment"}
    if not isinstance(amount, int) or isinstance(amount, bool) or not 0 <= amount <= _LARGEST_AMOUNT:
        return {**NOTHING, "reason": "amount_total is no amount"}
    if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
        return {**NOTHING, "reason": "currency is no currency"}
    return {
        "kind": kind,
        "order_id": order_id,
        "session_id": session_id,
        "payment_id": payment_id,
        "amount": amount,
        "currency": currency.upper(),
    }


def _money_back(kind: str, obj: Mapping[str, Any], states: Mapping[str, str]) -> PaymentEvent:
    """A refund or a dispute: its id, the payment it is about, its amount and state; and our id of a refund, if any."""
    own_id, payment_id, state = _id(obj), _id(obj.get("payment_intent")), states.get(str(obj.get("status")))
    amount, currency = obj.get("amount"), obj.get("currency")
    if own_id is None or payment_id is None or state is None:
        return {**NOTHING, "reason": f"no id, payment or known state of a {kind}"}
    if not isinstance(amount, int) or isinstance(amount, bool) or not 0 < amount <= _LARGEST_AMOUNT:
        return {**NOTHING, "reason": "amount is no amount"}
    if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
        return {**NOTHING, "reason": "currency is no currency"}
    return {
        "kind": kind,
        "provider_id": own_id,
        "payment_id": payment_id,
        "amount": amount,
        "currency": currency.upper(),
        "state": state,
        "refund_id": _named(obj, "refund_id"),
    }


def _named(obj: Mapping[str, Any], name: str) -> str | None:
    """An id in the metadata that Aula gave the object."""
    metadata = obj.get("metadata")
    named: object = cast("Mapping[str, object]", metadata).get(name) if isinstance(metadata, dict) else None
    require_text(named, f"data.object.metadata.{name}")
    return named if isinstance(named, str) and _UUID.fullmatch(named) else None


def _id(value: object, field: str = "data.object") -> str | None:
    """An id, given bare or as the expanded object that has it."""
    if isinstance(value, dict):
        value, field = cast("Mapping[str, object]", value).get("id"), f"{field}.id"
    require_text(value, field)
    return value if isinstance(value, str) and _ID.fullmatch(value) else None
