"""The kinds of products that can be ordered, one entry each.

A new kind needs an entry here, its id field in `api/schemas/orders.py`, and its delivery in `fulfil.sql`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, exists, literal, or_, select

from db.models import Course, Enrollment, Order, OrderItem, Seminar, SeminarSeat, Service

Entitlement = Literal["none", "enrolled", "booked", "seated"]


@dataclass(frozen=True, slots=True, eq=False)
class Once:
    """How a product is had that a buyer can have only once.

    `owned` selects those of the product ids that a buyer has now. `given` is true for an item, joined to its order,
    that was given after it was fulfilled, also if it was revoked since.
    """

    owned: Callable[[UUID, Sequence[UUID | None]], Select[UUID]]
    given: ColumnElement[bool]


@dataclass(frozen=True, slots=True, eq=False)
class ProductKind:
    """The rules for one kind of product.

    `id_field` names the product's id, in the API as in the database. `item_column` is the column of the order item that
    refers to the product. `on_sale` is true for a product that can be ordered at a time. `once` is None if the product
    can be bought again. `entitled` is true for an item, joined to its order, whose buyer has the product now;
    `entitlement` names that. `max_progress` is the percent of it that a buyer may have completed when asking for a
    refund.
    """

    name: str
    id_field: str
    model: type[Course | Service | Seminar]
    item_column: SQLColumnExpression[UUID | None]
    on_sale: Callable[[datetime], ColumnElement[bool]]
    max_quantity: int
    once: Once | None
    entitlement: Entitlement
    entitled: ColumnElement[bool]
    max_progress: SQLColumnExpression[int]


def _enrolled(buyer_id: UUID, course_ids: Sequence[UUID | None]) -> Select[UUID]:
    return select(Enrollment.course_id).where(
        Enrollment.profile_id == buyer_id, Enrollment.state == "active", Enrollment.course_id.in_(course_ids)
    )


def _seated(buyer_id: UUID, seminar_ids: Sequence[UUID | None]) -> Select[UUID]:
    return select(SeminarSeat.seminar_id).where(
        SeminarSeat.profile_id == buyer_id, SeminarSeat.state == "confirmed", SeminarSeat.seminar_id.in_(seminar_ids)
    )


COURSE: Final = ProductKind(
    name="course",
    id_field="course_id",
    model=Course,
    item_column=OrderItem.course_id,
    on_sale=lambda _now: Course.state == "published",
    max_quantity=1,
    once=Once(
        owned=_enrolled,
        given=exists().where(
            Enrollment.order_item_id == OrderItem.id,
            or_(Enrollment.state == "active", Enrollment.revoked_at >= Order.fulfilled_at),
        ),
    ),
    entitlement="enrolled",
    entitled=exists()
    .where(Enrollment.order_item_id == OrderItem.id, Enrollment.state == "active")
    .correlate(OrderItem),
    max_progress=Course.refund_max_progress,
)
SERVICE: Final = ProductKind(
    name="service",
    id_field="service_id",
    model=Service,
    item_column=OrderItem.service_id,
    on_sale=lambda _now: Service.state == "published",
    max_quantity=20,
    once=None,
    entitlement="booked",
    entitled=and_(
        OrderItem.service_id.is_not(None),
        OrderItem.fulfilled_at.is_not(None),
        OrderItem.refunded_at.is_(None),
        Order.state.not_in(("refunded", "disputed")),
    ),
    # A service has no steps that can be completed.
    max_progress=literal(100),
)
SEMINAR: Final = ProductKind(
    name="seminar",
    id_field="seminar_id",
    model=Seminar,
    item_column=OrderItem.seminar_id,
    on_sale=lambda now: and_(Seminar.state.in_(("published", "provisioned", "open")), Seminar.ends_at > now),
    max_quantity=1,
    once=Once(
        owned=_seated,
        given=exists().where(
            SeminarSeat.order_item_id == OrderItem.id,
            or_(SeminarSeat.state == "confirmed", SeminarSeat.updated_at >= Order.fulfilled_at),
        ),
    ),
    entitlement="seated",
    entitled=exists()
    .where(SeminarSeat.order_item_id == OrderItem.id, SeminarSeat.state == "confirmed")
    .correlate(OrderItem),
    max_progress=literal(100),
)
PRODUCT_KINDS: Final = (COURSE, SERVICE, SEMINAR)


@dataclass(frozen=True, slots=True)
class RequestedItem:
    """A product and its quantity, as the buyer asks for it."""

    kind: ProductKind
    product_id: UUID
    quantity: int = 1
