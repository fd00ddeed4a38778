"""Orders and their payment events, for tests that check each purchase."""

from collections.abc import Sequence

from core.webhooks.parse import read_stripe_event
from tests.chaos.deployment import Deployment
from tests.support.purchases import Purchase, paid_event, place_orders
from tests.support.stored_events import store


def place_purchases(deployment: Deployment, count: int) -> list[Purchase]:
    """Pending orders: a third for a course, a third for a service, a third for both."""
    contents = ("course", "service", "mixed")
    with deployment.sessions.begin() as session:
        placed = [
            place_orders(session, count // len(contents) + (index < count % len(contents)), content)
            for index, content in enumerate(contents)
        ]
    return [purchase for orders in placed for purchase in orders]


def store_paid_events(deployment: Deployment, purchases: Sequence[Purchase]) -> None:
    """Store the event that each purchase is paid, as the webhook endpoint does."""
    with deployment.sessions.begin() as session:
        store(session, [read_stripe_event(paid_event(purchase)) for purchase in purchases])


def paid_purchases(deployment: Deployment, count: int) -> list[Purchase]:
    """Place purchases and store their payment events."""
    purchases = place_purchases(deployment, count)
    store_paid_events(deployment, purchases)
    return purchases
