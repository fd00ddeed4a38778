"""Refunds and disputes: https://docs.stripe.com/api/refunds/object https://docs.stripe.com/api/disputes/object."""

from collections.abc import Mapping
from typing import Final

from core.refunds.states import PROVIDER_STATES
from core.webhooks.objects.fields import (
    Object,
    PaymentEvent,
    Unreadable,
    amount,
    currency,
    optional_named,
    required_id,
    text,
)

# Stripe's status: ours.
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


def refund(obj: Object) -> PaymentEvent:
    """A refund and its state, and our id of one that was asked for here."""
    return {**_money_back("refund", obj, PROVIDER_STATES), "refund_id": optional_named(obj, "refund_id")}


def dispute(obj: Object) -> PaymentEvent:
    """A dispute, or an inquiry, and its state."""
    return _money_back("dispute", obj, _DISPUTE_STATES)


def _money_back(kind: str, obj: Object, states: Mapping[str, str]) -> PaymentEvent:
    state = states.get(text(obj, "status") or "")
    if state is None:
        raise Unreadable("status is not known")
    return {
        "kind": kind,
        "provider_id": required_id(obj, "id"),
        "payment_id": required_id(obj, "payment_intent"),
        "amount": amount(obj, "amount", least=1),
        "currency": currency(obj),
        "state": state,
    }
