"""A product that is bought once: refuse it if the buyer has it or has an open order for it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from core.orders.price import OrderLine
from core.orders.problems import CourseOwned, OrderOpen, SeatOwned
from core.orders.products import COURSE, PRODUCT_KINDS, SEMINAR, Once, ProductKind
from core.problems import Conflict
from db.models import Order, OrderItem

_OWNED: Final[Mapping[ProductKind, type[Conflict]]] = {COURSE: CourseOwned, SEMINAR: SeatOwned}


def refuse_bought_twice(session: Session, buyer_id: UUID, lines: Sequence[OrderLine], now: datetime) -> None:
    """Raise CourseOwned, SeatOwned or OrderOpen for the first line whose product the buyer has or has ordered.

    Exact only while the caller holds a lock on the buyer's profile row.
    """
    for kind in PRODUCT_KINDS:
        indexes: dict[UUID | None, int] = {
            line.product_id: index for index, line in enumerate(lines) if line.kind is kind
        }
        if indexes and kind.once:
            _refuse(session, buyer_id, kind, kind.once, indexes, now)


def _refuse(
    session: Session, buyer_id: UUID, kind: ProductKind, once: Once, indexes: Mapping[UUID | None, int], now: datetime
) -> None:
    for product_id in session.scalars(once.owned(buyer_id, list(indexes))):
        index = indexes[product_id]
        raise _OWNED[kind](f"Item {index}: you have this {kind.name} already.", field=f"items.{index}.{kind.id_field}")
    for product_id, order in session.execute(_open_orders(buyer_id, kind, once, list(indexes), now)):
        index = indexes[product_id]
        raise OrderOpen(
            f"Item {index}: your order {order.id} for this {kind.name} is {order.state}.",
            field=f"items.{index}.{kind.id_field}",
            order_id=order.id,
        )


def _open_orders(
    buyer_id: UUID, kind: ProductKind, once: Once, product_ids: Sequence[UUID | None], now: datetime
) -> Select[UUID | None, Order]:
    payable = and_(Order.state == "pending", Order.expires_at > now)
    # A fulfilled order counts as open until its product is given. If that was revoked later, it no longer counts.
    not_given = and_(Order.state == "fulfilled", ~once.given)
    return (
        select(kind.item_column, Order)
        .join(Order, OrderItem.order_id == Order.id)
        .where(
            Order.profile_id == buyer_id,
            kind.item_column.in_(product_ids),
            OrderItem.refunded_at.is_(None),
            or_(payable, Order.state.in_(("processing", "paid")), not_given),
        )
        .order_by(Order.id)
        .limit(1)
    )
