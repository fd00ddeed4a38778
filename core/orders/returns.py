"""What buyers who come back from the checkout are told about their order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, selectinload

from core.orders.situation import RECEIVED, RETURNED, Money, Situation, situation_of
from db.models import Checkout, Order, OrderItem, Payment


@dataclass(frozen=True, slots=True)
class Return:
    """The situation of one order; amounts in minor units; `items` are empty where they are not to be shown."""

    situation: Situation
    order_id: UUID
    total_amount: int
    returned: int
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
        select(Order, RECEIVED, RETURNED, failed)
        .join(Checkout, Checkout.order_id == Order.id)
        .where(Checkout.session_id == session_id)
        .options(selectinload(Order.items))
    ).one_or_none()
    if row is None:
        return None
    order, received, returned, has_failed = row
    return _return(order, Money(received, returned, has_failed), now, order.items)


def after_leaving(session: Session, order_id: UUID, *, now: datetime) -> Return | None:
    """The order whose pay page was left, without its items; None for an unknown order."""
    row = session.execute(select(Order, RECEIVED, RETURNED).where(Order.id == order_id)).one_or_none()
    if row is None:
        return None
    order, received, returned = row
    return _return(order, Money(received, returned, failed=False), now, ())


def _return(order: Order, money: Money, now: datetime, items: Sequence[OrderItem]) -> Return:
    situation = situation_of(order, money, now)
    return Return(
        situation, order.id, order.total_amount, money.returned, order.currency, order.expires_at, tuple(items)
    )
