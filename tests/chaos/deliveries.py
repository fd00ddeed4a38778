"""What Stripe says of a purchase, with all its bad habits: repeated, out of order, the same fact under two names."""

import json
import random
from collections.abc import Sequence

from tests.support.purchases import Purchase, paid_event

_MOST_COPIES = 3


def deliveries(purchase: Purchase, chance: random.Random) -> list[bytes]:
    """The bodies that arrive for one purchase, in the order in which they do."""
    told = chance.choice((_at_once, _delayed, _by_two_names))(purchase)
    copies = [body for body in told for _ in range(chance.randint(1, _MOST_COPIES))]
    chance.shuffle(copies)
    return copies


def _at_once(purchase: Purchase) -> Sequence[bytes]:
    return [paid_event(purchase)]


def _by_two_names(purchase: Purchase) -> Sequence[bytes]:
    return [paid_event(purchase), paid_event(purchase, event_id=f"{purchase.event_id}_again")]


def _delayed(purchase: Purchase) -> Sequence[bytes]:
    """A method whose money comes later: announced, then paid."""
    paid = json.loads(paid_event(purchase, event_id=f"{purchase.event_id}_paid"))
    paid["type"] = "checkout.session.async_payment_succeeded"
    return [paid_event(purchase, payment_status="unpaid"), json.dumps(paid).encode()]
