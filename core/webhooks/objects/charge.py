"""Charges: https://docs.stripe.com/api/charges/object. They tell the provider's fee, and that money was refunded."""

from typing import cast

from core.webhooks.objects.fields import (
    NOTHING,
    ROOT,
    Object,
    PaymentEvent,
    amount,
    currency,
    optional_id,
    optional_order,
    required_id,
)


def settled(charge: Object) -> PaymentEvent:
    """The fee, where the balance transaction is expanded; where it is only named, the charge must be fetched."""
    transaction = charge.get("balance_transaction")
    transaction_id = optional_id(charge, "balance_transaction")
    if transaction_id is None:
        return NOTHING
    charge_id = required_id(charge, "id")
    if not isinstance(transaction, dict):
        return {"kind": "fetch", "object": "charge", "object_id": charge_id, "transaction_id": transaction_id}
    booked = cast("Object", transaction)
    return {
        "kind": "charge_settled",
        "object_id": charge_id,
        "transaction_id": transaction_id,
        "payment_id": optional_id(charge, "payment_intent") or charge_id,
        "order_id": optional_order(charge),
        "amount": amount(charge, "amount_captured"),
        "currency": currency(charge),
        "fee_amount": amount(booked, "fee"),
        "settled_amount": amount(booked, "amount"),
        "settled_currency": currency(booked, f"{ROOT}.balance_transaction"),
        "booked_at": amount(booked, "created"),
    }


def refunded(charge: Object) -> PaymentEvent:
    """The charge does not carry its refunds: they are fetched where they are not known."""
    charge_id = required_id(charge, "id")
    return {
        "kind": "fetch",
        "object": "charge",
        "object_id": charge_id,
        "payment_id": optional_id(charge, "payment_intent") or charge_id,
        "refunded": amount(charge, "amount_refunded"),
    }
