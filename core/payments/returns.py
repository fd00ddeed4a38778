"""What buyers who come back from the checkout are told about their order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, selectinload

from db.models import Checkout, Order, OrderItem, Payment

Situation = Literal[
    "confirming",  # the provider has not told us yet
    "fulfilling",
    "fulfilled",
    "delayed",  # a bank debit takes days
    "failed",
    "expired",
    "cancelled",
    "refunded",
    "checking",  # money that does not fit its order: a person looks at it
    "left",  # the buyer left the pay page
]


@dataclass(frozen=True, slots=True)
class Return:
    """The situation of one order; `total_amount` in minor units; `items` are empty where they are not to be shown."""

    situation: Situation
    order_id: UUID
    total_amount: int
    currency: str
    expires_at: datetime
    items: Sequence[OrderItem] = field(default=())


def after_checkout(session: Session, session_id: str, *, now: datetime) -> Return | None:
    """The order of a checkout at the provider, with its items; None for an unknown session.

    The session id cannot be guessed, so it may show titles and amounts without a sign-in.
    """
    # A payment that failed before this checkout was opened belongs to an earlier one.
    failed = exists().where(
        Payment.order_id == Order.id, Payment.state == "failed", Payment.updated_at >= Checkout.created_at
    )
    row = session.execute(
        select(Order, _SUCCEEDED, failed)
        .join(Checkout, Checkout.order_id == Order.id)
        .where(Checkout.session_id == session_id)
        .options(selectinload(Order.items))
    ).one_or_none()
    if row is None:
        return None
    order, succeeded, has_failed = row
    situation = _situation(order, now, succeeded=succeeded, failed=has_failed)
    return _return(order, situation, order.items)


def after_leaving(session: Session, order_id: UUID, *, now: datetime) -> Return | None:
    """The order whose pay page was left, without its items; None for an unknown order."""
    row = session.execute(select(Order, _SUCCEEDED).where(Order.id == order_id)).one_or_none()
    if row is None:
        return None
    order, succeeded = row
    situation = _situation(order, now, succeeded=succeeded, failed=False)
    return _return(order, "left" if situation == "confirming" else situation, ())


_SUCCEEDED = exists().where(Payment.order_id == Order.id, Payment.state == "succeeded")


def _situation(order: Order, now: datetime, *, succeeded: bool, failed: bool) -> Situation:
    match order.state:
        case "paid":
            return "fulfilling"
        case "processing":
            return "delayed"
        case "disputed":
            return "checking"
        case "fulfilled" | "refunded":
            return order.state
        case "pending" | "expired" | "cancelled":
            return "checking" if succeeded else _unpaid(order, now, failed=failed)


def _unpaid(order: Order, now: datetime, *, failed: bool) -> Situation:
    if order.state == "cancelled":
        return "cancelled"
    if order.state == "expired" or order.expires_at <= now:
        return "expired"
    return "failed" if failed else "confirming"


def _return(order: Order, situation: Situation, items: Sequence[OrderItem]) -> Return:
    return Return(situation, order.id, order.total_amount, order.currency, order.expires_at, tuple(items))
