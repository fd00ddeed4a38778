"""The kinds of products that can be ordered, one entry each.

A new kind needs an entry here, its id field in `api/schemas/orders.py`, and its delivery in `fulfil.sql`.
"""

from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, literal

from db.models import Course, Enrollment, Order, OrderItem, Service

Entitlement = Literal["none", "enrolled", "booked"]


@dataclass(frozen=True, slots=True, eq=False)
class ProductKind:
    """The rules for one kind of product.

    `id_field` names the product's id, in the API as in the database. `item_column` is the column of the order item that
    refers to the product; `enrollment_column` is the one of the enrollment, or None if the product can be bought again.
    `entitled` is true for an item, joined to its order, whose buyer has the product now; `entitlement` names that.
    `max_progress` is the percent of it that a buyer may have completed when asking for a refund.
    """

    name: str
    id_field: str
    model: type[Course | Service]
    item_column: SQLColumnExpression[UUID | None]
    max_quantity: int
    enrollment_column: SQLColumnExpression[UUID] | None
    entitlement: Entitlement
    entitled: ColumnElement[bool]
    max_progress: SQLColumnExpression[int]

    @property
    def bought_once(self) -> bool:
        """Whether a buyer can have the product only once."""
        return self.enrollment_column is not None


COURSE: Final = ProductKind(
    name="course",
    id_field="course_id",
    model=Course,
    item_column=OrderItem.course_id,
    max_quantity=1,
    enrollment_column=Enrollment.course_id,
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
    max_quantity=20,
    enrollment_column=None,
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
PRODUCT_KINDS: Final = (COURSE, SERVICE)


@dataclass(frozen=True, slots=True)
class RequestedItem:
    """A product and its quantity, as the buyer asks for it."""

    kind: ProductKind
    product_id: UUID
    quantity: int = 1
