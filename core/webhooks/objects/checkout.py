"""Checkout sessions: https://docs.stripe.com/checkout/fulfillment."""

from typing import Final

from core.webhooks.objects.fields import (
    NOTHING,
    Object,
    PaymentEvent,
    amount,
    currency,
    optional_id,
    required_id,
    required_order,
    text,
)

# By payment_status. `unpaid` announces a delayed method. With `no_payment_required` the total is 0: that pays an order
# over nothing, and is a mismatch for any other.
_COMPLETED: Final = {"paid": "checkout_paid", "no_payment_required": "checkout_paid", "unpaid": "checkout_pending"}


def completed(session: Object) -> PaymentEvent:
    """The buyer has completed the checkout."""
    kind = _COMPLETED.get(text(session, "payment_status") or "")
    return _checkout(kind, session) if kind else NOTHING


def delayed_succeeded(session: Object) -> PaymentEvent:
    """The money of a delayed method came."""
    return _checkout("checkout_paid", session)


def delayed_failed(session: Object) -> PaymentEvent:
    """The money of a delayed method did not come."""
    return _checkout("checkout_failed", session)


def expired(session: Object) -> PaymentEvent:
    """The session ended unpaid."""
    return _checkout("checkout_expired", session)


def _checkout(kind: str, session: Object) -> PaymentEvent:
    session_id = required_id(session, "id")
    return {
        "kind": kind,
        "order_id": required_order(session),
        "session_id": session_id,
        # A session over nothing has no payment intent.
        "payment_id": optional_id(session, "payment_intent") or session_id,
        "amount": amount(session, "amount_total"),
        "currency": currency(session),
    }
