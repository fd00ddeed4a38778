"""The facts that a provider can tell about one order, and the end that follows from them alone."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Final

from core.webhooks.new_event import NewEvent
from tests.support.purchases import Purchase
from tests.support.webhook_harness import (
    dispute_event,
    expired_event,
    failed_event,
    make_event,
    refund_event,
    unpaid_event,
)

LARGEST_SET: Final = 5
# Unix seconds: when the first fact happened. Each fact happens a minute after the one before it.
_BEGIN, _MINUTE = 1_790_000_000, 60


def second_checkout(purchase: Purchase) -> str:
    """The session that replaced the order's first one."""
    return f"{purchase.session_id}_2"


def second_payment(purchase: Purchase) -> str:
    return f"pi_second_{purchase.order_id.hex}"


# In the order in which they happen, each with its Unix time. The first checkout was paid or failed; the second is open.
FACTS: Final[Mapping[str, Callable[[Purchase, int], NewEvent]]] = {
    "unpaid": lambda purchase, at: unpaid_event(purchase, created=at),
    "failed": lambda purchase, at: failed_event(purchase, created=at),
    "paid": lambda purchase, at: make_event(purchase, created=at),
    "paid under another id": lambda purchase, at: make_event(purchase, created=at),
    "second payment": lambda purchase, at: make_event(
        purchase, id=second_checkout(purchase), payment_intent=second_payment(purchase), created=at
    ),
    "expired": lambda purchase, at: expired_event(purchase, id=second_checkout(purchase), created=at),
    "refund": lambda purchase, at: refund_event(purchase, created=at),
    "refund failed": lambda purchase, at: refund_event(purchase, "failed", created=at),
    "dispute lost": lambda purchase, at: dispute_event(purchase, "lost", created=at),
    "dispute won": lambda purchase, at: dispute_event(purchase, "won", created=at),
}
# Lost and won are two ends of one dispute: the provider tells only one of them.
_NEVER_TOGETHER = {"dispute lost", "dispute won"}


@dataclass(frozen=True, slots=True)
class End:
    """What is left of an order when all has been told, and its time is over."""

    state: str
    access: bool
    findings: tuple[str, ...]
    payments: tuple[str, ...]


def event_of(fact: str, purchase: Purchase) -> NewEvent:
    """A new event that tells the fact; its time is that of the fact, whenever it is delivered."""
    return FACTS[fact](purchase, _BEGIN + _MINUTE * list(FACTS).index(fact))


def stories() -> Iterable[tuple[str, ...]]:
    """Every order in which one to five different facts can be told."""
    for size in range(1, LARGEST_SET + 1):
        for facts in combinations(FACTS, size):
            if not set(facts) >= _NEVER_TOGETHER:
                yield from permutations(facts)


def end_of(facts: Collection[str]) -> End:
    """The end that follows from the facts, whatever order they are told in."""
    first = _first_payment(facts)
    succeeded = (first == "succeeded") + ("second payment" in facts)
    returned = first == "succeeded" and _returned(facts)
    kept = succeeded - returned
    findings = ["refund_failed"] if "refund failed" in facts else []
    if kept > 1:
        findings.append("second_payment")
    payments = tuple(sorted([*filter(None, [first]), *["succeeded"] * ("second payment" in facts)]))
    return End(_state(facts, first, succeeded, kept), kept > 0, tuple(findings), payments)


def _first_payment(facts: Collection[str]) -> str | None:
    """What became of the first payment; None while nothing is known about it."""
    if "paid" in facts or "paid under another id" in facts:
        return "succeeded"
    if "failed" in facts:
        return "failed"
    return "processing" if "unpaid" in facts else None


def _returned(facts: Collection[str]) -> bool:
    """Whether the money of the first payment is with the buyer."""
    return ("refund" in facts and "refund failed" not in facts) or "dispute lost" in facts


def _state(facts: Collection[str], first: str | None, succeeded: int, kept: int) -> str:
    if kept:
        return "fulfilled"
    if succeeded:
        return "disputed" if "dispute lost" in facts else "refunded"
    return "processing" if first == "processing" else "expired"
