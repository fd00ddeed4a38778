"""The webhooks Stripe sends for one purchase: repeated, out of order, or one payment in two events."""

import json
import random
from collections.abc import Sequence

from tests.support.purchases import Purchase, paid_event

_MAX_COPIES = 3


def stripe_deliveries(purchase: Purchase, rng: random.Random) -> list[bytes]:
    """The bodies that arrive for one purchase, in order of arrival."""
    bodies = rng.choice((_paid_at_once, _paid_later, _paid_in_two_events))(purchase)
    deliveries = [body for body in bodies for _ in range(rng.randint(1, _MAX_COPIES))]
    rng.shuffle(deliveries)
    return deliveries


def _paid_at_once(purchase: Purchase) -> Sequence[bytes]:
    return [paid_event(purchase)]


def _paid_in_two_events(purchase: Purchase) -> Sequence[bytes]:
    return [paid_event(purchase), paid_event(purchase, event_id=f"{purchase.event_id}_again")]


def _paid_later(purchase: Purchase) -> Sequence[bytes]:
    """A payment method that confirms later: checkout completed unpaid, then paid."""
    paid = json.loads(paid_event(purchase, event_id=f"{purchase.event_id}_paid"))
    paid["type"] = "checkout.session.async_payment_succeeded"
    return [paid_event(purchase, payment_status="unpaid"), json.dumps(paid).encode()]
