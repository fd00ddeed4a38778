"""Buyers and their payments, for tests that count each of them."""

from collections.abc import Sequence

from core.webhooks.parse import read_stripe_event
from tests.chaos.house import House
from tests.support.purchases import Purchase, paid_event, place_orders
from tests.support.stored_events import store


def buy(house: House, count: int) -> list[Purchase]:
    """Orders that wait for their money: a third courses, a third services, a third of both."""
    whats = ("course", "service", "mixed")
    with house.sessions.begin() as session:
        placed = [
            place_orders(session, count // len(whats) + (place < count % len(whats)), what)
            for place, what in enumerate(whats)
        ]
    return [purchase for orders in placed for purchase in orders]


def tell(house: House, purchases: Sequence[Purchase]) -> None:
    """Stripe's word that they are paid is stored, as the door stores it."""
    with house.sessions.begin() as session:
        store(session, [read_stripe_event(paid_event(purchase)) for purchase in purchases])


def pay(house: House, count: int) -> list[Purchase]:
    """As `buy` and `tell`."""
    purchases = buy(house, count)
    tell(house, purchases)
    return purchases
