"""Whether an order can be paid now, and whether a checkout can be opened for it."""

from datetime import datetime, timedelta
from typing import Final

from core.payments.problems import OrderAlreadyPaid, OrderCancelled, OrderExpired, PaymentInProgress
from core.ports.payments import FetchedSession
from core.problems import Conflict
from db.models import Order

# After a payment failed, its order can be paid for at least this long: a bank debit fails days after the order's time.
# An order holds no seats, so waiting costs nothing. A checkout ends with its order, and Stripe allows it 24 hours; an
# hour is left for differences of clocks.
TIME_AFTER_FAILURE: Final = timedelta(hours=23)
# Seconds; by then the failure is usually applied.
_RETRY_AFTER_S = 5


def why_not_payable(order: Order, now: datetime) -> Conflict | None:
    """What stands against a payment of `order` at `now`; None when nothing does."""
    match order.state:
        case "pending":
            return None if order.expires_at > now else _expired(order)
        case "expired":
            return _expired(order)
        case "processing":
            return PaymentInProgress("Wait until the payment that has begun is settled.")
        case "cancelled":
            return OrderCancelled("Place a new order instead.")
        case "paid" | "fulfilled" | "refunded" | "disputed":
            return OrderAlreadyPaid(f"Nothing is left to pay; the order is {order.state}.")


def why_not_opened(previous: FetchedSession, *, reuses: bool) -> Conflict | None:
    """What the provider's answer about the order's previous session says against a checkout; None when nothing does.

    `reuses`: the session is to be answered again, so it must be open.
    """
    if previous.payment_begun:
        return PaymentInProgress("A payment has begun; the order shows soon what became of it.")
    if not reuses or previous.status == "open":
        return None
    if previous.status == "expired":
        return OrderExpired("Its checkout has expired; place a new order instead.")
    return PaymentInProgress(
        "The last payment failed; ask again soon for another checkout.", retry_after=_RETRY_AFTER_S
    )


def _expired(order: Order) -> OrderExpired:
    return OrderExpired(f"It could be paid until {order.expires_at.isoformat()}; place a new order instead.")
