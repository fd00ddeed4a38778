"""Orders, as an operator looks for them."""

from dataclasses import dataclass
from operator import eq, ge, lt
from uuid import UUID

from sqlalchemy import ColumnElement, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.console.filters import OrderFilter
from core.console.matching import begins, matching
from core.paging import Newest, PageRequest, Slice, cut, newest_ids
from core.problems import NotFound
from db.models import Checkout, Dispute, Order, Payment, Profile, Refund


@dataclass(frozen=True, slots=True)
class BuyersOrder:
    """An order and its buyer's address."""

    order: Order
    email: str


def orders(session: Session, wanted: OrderFilter, page: PageRequest[Newest]) -> Slice[BuyersOrder, Newest]:
    """Orders that match, the newest first."""
    conditions = matching(
        (Order.state, eq, wanted.state),
        (Order.profile_id, eq, wanted.profile_id),
        (Profile.email, begins, wanted.email),
        (Order.id, _has_provider_id, wanted.provider_id),
        (Order.created_at, ge, wanted.since),
        (Order.created_at, lt, wanted.until),
    )
    rows = session.execute(newest_ids(_ORDERS.where(*conditions), Order.id, page)).all()
    return cut([BuyersOrder(row[0], row[1]) for row in rows], page, lambda row: (row.order.created_at, row.order.id))


def order_of(session: Session, order_id: UUID) -> BuyersOrder:
    """One order. Raises NotFound."""
    row = session.execute(_ORDERS.where(Order.id == order_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no order {order_id}.")
    return BuyersOrder(row[0], row[1])


_ORDERS = select(Order, Profile.email).join(Profile, Profile.id == Order.profile_id)


def _has_provider_id(order_id: InstrumentedAttribute[UUID], provider_id: str) -> ColumnElement[bool]:
    """A checkout, payment, refund or dispute of the order has this id at the provider."""
    refunded = select(Refund.provider_payment_id).where(Refund.provider_refund_id == provider_id)
    disputed = select(Dispute.provider_payment_id).where(Dispute.provider_dispute_id == provider_id)
    paid_by = union_all(refunded, disputed).scalar_subquery()
    payments = select(Payment.order_id).where(
        (Payment.provider_payment_id == provider_id) | Payment.provider_payment_id.in_(paid_by)
    )
    checkouts = select(Checkout.order_id).where(Checkout.session_id == provider_id)
    return order_id.in_(union_all(checkouts, payments))
