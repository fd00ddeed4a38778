"""Payment intents; they name the order as their sessions do: https://docs.stripe.com/api/payment_intents/object."""

from core.webhooks.objects.fields import Object, PaymentEvent, amount, currency, required_id, required_order


def succeeded(intent: Object) -> PaymentEvent:
    """The money came."""
    return {
        "kind": "payment_succeeded",
        "order_id": required_order(intent),
        "payment_id": required_id(intent, "id"),
        "amount": amount(intent, "amount_received"),
        "currency": currency(intent),
    }


def failed(intent: Object) -> PaymentEvent:
    """An attempt failed; the buyer may try again within the same intent."""
    return {
        "kind": "payment_failed",
        "order_id": required_order(intent),
        "payment_id": required_id(intent, "id"),
    }
