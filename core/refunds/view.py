"""The refunds of an order, what is left, and what the buyer can still ask for."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.refunds.lines import lines_of
from core.refunds.money import covering, money_of
from core.refunds.terms import Terms, terms_of
from db.models import Order, Payment, Refund, RefundItem


@dataclass(frozen=True, slots=True)
class OrderRefunds:
    """The refunds of an order, oldest first, each with the ids of its items.

    `left_amount` is what can still be given back, in minor units of the payment's currency. `terms` are those of each
    item, for an order whose state allows the buyer to ask.
    """

    refunds: Sequence[tuple[Refund, Sequence[UUID]]]
    left_amount: int
    terms: Sequence[Terms]


def refunds_of(session: Session, order_id: UUID, now: datetime) -> OrderRefunds:
    """What became of the money of an order, which exists."""
    order = session.get_one(Order, order_id)
    refunds = session.scalars(
        select(Refund)
        .join(Payment, Payment.provider_payment_id == Refund.provider_payment_id)
        .where(Payment.order_id == order_id)
        .order_by(Refund.id)
    ).all()
    items: defaultdict[UUID, list[UUID]] = defaultdict(list)
    of_refunds = RefundItem.refund_id.in_([refund.id for refund in refunds])
    for row in session.scalars(select(RefundItem).where(of_refunds).order_by(RefundItem.order_item_id)):
        items[row.refund_id].append(row.order_item_id)
    paid = covering(money_of(session, order_id)) if order.state in {"paid", "fulfilled"} else None
    left = paid.left if paid else 0
    terms = terms_of(session, order, lines_of(session, order_id), now) if left else []
    return OrderRefunds([(refund, items[refund.id]) for refund in refunds], left, terms)
