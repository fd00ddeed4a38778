"""The lines of an order, as a refund needs them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from core.refunds.states import GIVEN_BACK
from db.models import Course, OrderItem, Refund, RefundItem, Seminar, Service


@dataclass(frozen=True, slots=True)
class Line:
    """One item of an order; `amount` in minor units of the order's currency; `given_back`: by an earlier refund."""

    item: OrderItem
    teacher_id: UUID
    given_back: bool

    @property
    def amount(self) -> int:
        """What was to be paid for the whole line."""
        return self.item.unit_amount * self.item.quantity


def lines_of(session: Session, order_id: UUID) -> Sequence[Line]:
    """The lines of an order, in their order."""
    given_back = (
        exists()
        .where(
            RefundItem.order_item_id == OrderItem.id, RefundItem.refund_id == Refund.id, Refund.state.in_(GIVEN_BACK)
        )
        .correlate(OrderItem)
    )
    rows = session.execute(
        select(OrderItem, func.coalesce(Course.teacher_id, Service.teacher_id, Seminar.teacher_id), given_back)
        .outerjoin(Course, Course.id == OrderItem.course_id)
        .outerjoin(Service, Service.id == OrderItem.service_id)
        .outerjoin(Seminar, Seminar.id == OrderItem.seminar_id)
        .where(OrderItem.order_id == order_id)
        .order_by(OrderItem.id)
    )
    return [Line(*row) for row in rows]
