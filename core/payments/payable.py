"""Whether an order can be paid now."""

from datetime import datetime

from core.payments.problems import OrderAlreadyPaid, OrderCancelled, OrderExpired, PaymentInProgress
from core.problems import Conflict
from db.models import Order


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


def _expired(order: Order) -> OrderExpired:
    return OrderExpired(f"It could be paid until {order.expires_at.isoformat()}; place a new order instead.")
