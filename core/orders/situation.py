"""What its buyer is told about an order: its state, and what came and went of its money."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import BigInteger, ScalarSelect, cast, exists, func, select

from db.models import Checkout, Order, Payment, Refund

Situation = Literal[
    "payable",
    "delayed",  # a payment has begun; a bank debit takes days
    "failed",  # the last payment failed, and the order can be paid again
    "fulfilling",
    "fulfilled",
    "partly_refunded",
    "refunded",
    "disputed",
    "checking",  # money that does not fit its order: a person looks at it
    "expired",
    "cancelled",
]


@dataclass(frozen=True, slots=True)
class Money:
    """What came and went of an order's money, in minor units; `failed`: the last payment failed."""

    received: int
    returned: int
    failed: bool


def situation_of(order: Order, money: Money, now: datetime) -> Situation:
    """The situation at `now`."""
    match order.state:
        case "paid" | "fulfilled":
            if money.returned and money.received - money.returned < order.total_amount:
                return "partly_refunded"
            return "fulfilling" if order.state == "paid" else "fulfilled"
        case "processing":
            return "delayed"
        case "refunded" | "disputed":
            return order.state
        case "pending" | "expired" | "cancelled":
            return "checking" if money.received > money.returned else _unpaid(order, now, failed=money.failed)


def _unpaid(order: Order, now: datetime, *, failed: bool) -> Situation:
    if order.state == "cancelled":
        return "cancelled"
    if order.state == "expired" or order.expires_at <= now:
        return "expired"
    return "failed" if failed else "payable"


def _received() -> ScalarSelect[int]:
    received = cast(func.coalesce(func.sum(Payment.amount), 0), BigInteger)
    return select(received).where(Payment.order_id == Order.id, Payment.state == "succeeded").scalar_subquery()


def _returned() -> ScalarSelect[int]:
    returned = cast(func.coalesce(func.sum(Refund.amount), 0), BigInteger)
    return (
        select(returned)
        .join(Payment, Payment.provider_payment_id == Refund.provider_payment_id)
        .where(Payment.order_id == Order.id, Refund.state.in_(("requested", "pending", "succeeded")))
        .scalar_subquery()
    )


# Columns of a query about orders. A payment that failed before the last checkout was opened belongs to an earlier one.
RECEIVED: Final = _received()
RETURNED: Final = _returned()
FAILED: Final = exists().where(
    Payment.order_id == Order.id,
    Payment.state == "failed",
    Payment.updated_at
    >= select(func.coalesce(func.max(Checkout.created_at), Order.created_at))
    .where(Checkout.order_id == Order.id)
    .correlate(Order)
    .scalar_subquery(),
)
