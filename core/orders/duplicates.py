"""A product that is bought once: refuse it if the buyer owns it or has an open order for it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, SQLColumnExpression, and_, exists, or_, select
from sqlalchemy.orm import Session

from core.orders.price import OrderLine
from core.orders.problems import CourseOwned, OrderOpen
from core.orders.products import PRODUCT_KINDS, ProductKind
from db.models import Enrollment, Order, OrderItem


def refuse_bought_twice(session: Session, buyer_id: UUID, lines: Sequence[OrderLine], now: datetime) -> None:
    """Raise CourseOwned or OrderOpen for the first line whose product the buyer owns or has ordered.

    Exact only while the caller holds a lock on the buyer's profile row.
    """
    for kind in PRODUCT_KINDS:
        indexes: dict[UUID | None, int] = {
            line.product_id: index for index, line in enumerate(lines) if line.kind is kind
        }
        if not indexes or kind.enrollment_column is None:
            continue
        for product_id in session.scalars(_owned(buyer_id, kind.enrollment_column, list(indexes))):
            index = indexes[product_id]
            raise CourseOwned(
                f"Item {index}: you have this {kind.name} already.", field=f"items.{index}.{kind.id_field}"
            )
        for product_id, order in session.execute(_open_orders(buyer_id, kind, list(indexes), now)):
            index = indexes[product_id]
            raise OrderOpen(
                f"Item {index}: your order {order.id} for this {kind.name} is {order.state}.",
                field=f"items.{index}.{kind.id_field}",
                order_id=order.id,
            )


def _owned(buyer_id: UUID, enrolled: SQLColumnExpression[UUID], product_ids: Sequence[UUID | None]) -> Select[UUID]:
    return select(enrolled).where(
        Enrollment.profile_id == buyer_id, Enrollment.state == "active", enrolled.in_(product_ids)
    )


def _open_orders(
    buyer_id: UUID, kind: ProductKind, product_ids: Sequence[UUID | None], now: datetime
) -> Select[UUID | None, Order]:
    payable = and_(Order.state == "pending", Order.expires_at > now)
    # A fulfilled order counts as open until its enrollment exists. If that was revoked later, it no longer counts.
    granted = exists().where(
        Enrollment.order_item_id == OrderItem.id,
        or_(Enrollment.state == "active", Enrollment.revoked_at >= Order.fulfilled_at),
    )
    not_granted = and_(Order.state == "fulfilled", ~granted)
    return (
        select(kind.item_column, Order)
        .join(Order, OrderItem.order_id == Order.id)
        .where(
            Order.profile_id == buyer_id,
            kind.item_column.in_(product_ids),
            OrderItem.refunded_at.is_(None),
            or_(payable, Order.state.in_(("processing", "paid")), not_granted),
        )
        .order_by(Order.id)
        .limit(1)
    )
