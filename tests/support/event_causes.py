"""For each kind of event, a state of the database in which its handler has something to do."""

from collections.abc import Callable, Mapping
from typing import Final

from core.messages import Message, ProcessWebhook
from core.webhooks.new_event import NewEvent
from tests.support.purchases import Purchase
from tests.support.scene import Cause, Scene
from tests.support.webhook_harness import (
    charge_event,
    dispute_event,
    expired_event,
    failed_event,
    intent_event,
    make_event,
    object_event,
    refund_event,
    unpaid_event,
)


def _stored(scene: Scene, event: NewEvent) -> Message:
    scene.webhooks.store(event)
    scene.forget_jobs()
    return ProcessWebhook(event_id=scene.id_of("select id from app.webhook_events where state = 'received'"))


def _about(make: Callable[[Purchase], NewEvent]) -> Cause:
    return lambda scene: _stored(scene, make(scene.webhooks.place_order("mixed")))


def _about_fulfilled(make: Callable[[Purchase], NewEvent]) -> Cause:
    return lambda scene: _stored(scene, make(scene.fulfilled()))


def _warning(purchase: Purchase) -> NewEvent:
    warning = {"id": f"issfr_{purchase.order_id.hex}", "payment_intent": purchase.payment_id, "charge": "ch_1"}
    return object_event("radar.early_fraud_warning.created", warning)


EVENT_CAUSES: Final[Mapping[str, Cause]] = {
    "checkout_paid": _about(make_event),
    "payment_succeeded": _about(intent_event),
    "fetch": _about_fulfilled(lambda purchase: charge_event(purchase, balance_transaction="txn_1")),
    "fetch after a refund": _about_fulfilled(
        lambda purchase: charge_event(purchase, "charge.refunded", amount_refunded=purchase.amount)
    ),
    "charge_settled": _about_fulfilled(charge_event),
    "none": _about(lambda purchase: make_event(purchase, "customer.created")),
    "unreadable": _about(lambda purchase: make_event(purchase, amount_total=None)),
    "checkout_pending": _about(unpaid_event),
    "checkout_failed": _about(failed_event),
    "checkout_expired": _about(expired_event),
    "payment_failed": _about(lambda purchase: intent_event(purchase, "payment_intent.payment_failed")),
    "refund": _about_fulfilled(refund_event),
    "dispute": _about_fulfilled(dispute_event),
    "fraud_warning": _about_fulfilled(_warning),
    "a second payment": _about_fulfilled(
        lambda purchase: make_event(purchase, payment_intent=f"pi_second_{purchase.order_id.hex}")
    ),
}
