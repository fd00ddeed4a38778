"""Early fraud warnings: https://docs.stripe.com/api/radar/early_fraud_warnings/object."""

from core.webhooks.objects.fields import Object, PaymentEvent, optional_id, required_id, text


def warned(warning: Object) -> PaymentEvent:
    """The card's issuer reports the payment as fraudulent; a dispute may follow."""
    return {
        "kind": "fraud_warning",
        "provider_id": required_id(warning, "id"),
        "payment_id": optional_id(warning, "payment_intent") or required_id(warning, "charge"),
        "fraud_type": (text(warning, "fraud_type") or "")[:100],
    }
