"""Nobody pays for one course twice: refuse what the buyer owns, or has an open order for."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from core.orders.price import OrderLine
from core.orders.problems import CourseOwned, OrderOpen
from db.models import Enrollment, Order, OrderItem


def refuse_bought_twice(session: Session, buyer_id: UUID, lines: Sequence[OrderLine], now: datetime) -> None:
    """Raise CourseOwned or OrderOpen for the first course among `lines` that the buyer has, or is about to have.

    Exact only while the caller holds the buyer's profile row.
    """
    courses = {line.product_id: index for index, line in enumerate(lines) if line.kind == "course"}
    if not courses:
        return
    for course_id in session.scalars(
        select(Enrollment.course_id).where(
            Enrollment.profile_id == buyer_id,
            Enrollment.state == "active",
            Enrollment.course_id.in_(courses),
        )
    ):
        index = courses[course_id]
        raise CourseOwned(f"Item {index}: you have this course already.", field=f"items.{index}.course_id")
    for course_id, order in session.execute(_open_orders(buyer_id, list(courses), now)):
        index = courses[course_id or lines[0].product_id]
        raise OrderOpen(
            f"Item {index}: your order {order.id} for this course is {order.state}.",
            field=f"items.{index}.course_id",
            order_id=order.id,
        )


def _open_orders(buyer_id: UUID, course_ids: Sequence[UUID], now: datetime) -> Select[UUID | None, Order]:
    unpaid = and_(Order.state == "pending", Order.expires_at > now)
    # Between the payment and the enrollment the course is as good as owned; once that was revoked, it is not.
    reached = exists().where(
        Enrollment.profile_id == buyer_id,
        Enrollment.course_id == OrderItem.course_id,
        or_(Enrollment.state == "active", Enrollment.revoked_at >= Order.fulfilled_at),
    )
    ungranted = and_(Order.state == "fulfilled", ~reached)
    return (
        select(OrderItem.course_id, Order)
        .join(Order, OrderItem.order_id == Order.id)
        .where(
            Order.profile_id == buyer_id,
            OrderItem.course_id.in_(course_ids),
            or_(unpaid, Order.state.in_(("processing", "paid")), ungranted),
        )
        .order_by(Order.id)
        .limit(1)
    )
