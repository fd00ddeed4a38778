"""The end of an order depends on the events about it, and not on their order."""

import os
import random
from collections.abc import Callable, Iterator
from itertools import combinations, permutations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.findings.close import close_resolved
from core.maintenance.check import violations
from core.webhooks.parse import StripeEvent
from tests.support.jobs import empty, job_sessions
from tests.support.purchases import Purchase
from tests.support.webhook_harness import (
    WebhookHarness,
    dispute_event,
    expired_event,
    failed_event,
    make_event,
    refund_event,
    unpaid_event,
)

LONG = os.environ.get("AULA_CHAOS") == "long"
LARGEST_SET = 4
SAMPLE = 40

EVENTS: dict[str, Callable[[Purchase], StripeEvent]] = {
    "paid": make_event,
    "paid again": make_event,
    "second payment": lambda purchase: make_event(purchase, payment_intent=f"pi_second_{purchase.order_id.hex}"),
    "unpaid": unpaid_event,
    "failed": failed_event,
    "refund": refund_event,
    "refund failed": lambda purchase: refund_event(purchase, "failed"),
    "dispute lost": lambda purchase: dispute_event(purchase, "lost"),
    "dispute won": lambda purchase: dispute_event(purchase, "won"),
}
# Lost and won are two ends of one dispute: the provider tells only one of them.
NEVER_TOGETHER = {"dispute lost", "dispute won"}


@pytest.fixture(scope="module")
def sessions(database_url: str) -> Iterator[sessionmaker[Session]]:
    with job_sessions(database_url) as sessions:
        empty(sessions)
        yield sessions


def chosen_sets() -> list[tuple[str, ...]]:
    """The sets of events to try: all in the long form, else a sample that is the same in every run."""
    sizes = range(2, LARGEST_SET + 1)
    sets = [one for size in sizes for one in combinations(EVENTS, size) if not set(one) >= NEVER_TOGETHER]
    with_payment = [one for one in sets if "paid" in one]
    return with_payment if LONG else random.Random(7).sample(with_payment, SAMPLE)  # noqa: S311 - a sample of tests


def end_of(webhooks: WebhookHarness, names: tuple[str, ...], *, twice: bool) -> tuple[object, ...]:
    """Deliver the events in this order, with all that follows from each, and read what is left of it."""
    purchase = webhooks.place_order()
    for name in names:
        for _ in range(2 if twice else 1):
            webhooks.deliver(EVENTS[name](purchase))
            webhooks.run_jobs()
    with webhooks.sessions.begin() as session:
        close_resolved(session)
        payments = session.execute(
            text("select provider_payment_id, state from app.payments where order_id = :id"), {"id": purchase.order_id}
        )
        # Of two payments the first that is told pays; which of them is the other, the finding says.
        states = tuple(sorted(row.state for row in payments))
    return webhooks.order_state(purchase), webhooks.has_access(purchase), webhooks.findings(purchase), states


@pytest.mark.parametrize("names", chosen_sets(), ids=lambda names: "+".join(names).replace(" ", "-"))
def test_the_end_depends_on_the_events_alone(sessions: sessionmaker[Session], names: tuple[str, ...]) -> None:
    webhooks = WebhookHarness(sessions)
    orders = list(permutations(names))
    if not LONG:
        orders = orders[:1] + random.Random(len(names)).sample(orders[1:], min(3, len(orders) - 1))  # noqa: S311 - as above
    ends = {order: end_of(webhooks, order, twice=index % 2 == 1) for index, order in enumerate(orders)}
    assert len(set(map(repr, ends.values()))) == 1, ends
    with sessions.begin() as session:
        assert dict(violations(session, grace_seconds=0)) == {}


def test_an_expired_checkout_is_revived_by_its_payment(sessions: sessionmaker[Session]) -> None:
    webhooks = WebhookHarness(sessions)
    purchase = webhooks.place_order()
    webhooks.deliver(expired_event(purchase))
    webhooks.deliver(make_event(purchase))
    webhooks.run_jobs()
    assert (webhooks.order_state(purchase), webhooks.has_access(purchase)) == ("fulfilled", True)
