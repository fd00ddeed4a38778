"""Emails about orders: the receipt, and orders that ended unpaid."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from core.formats import moment, money
from core.mail.content import Content, Link, Reading
from db.models import Course, Order, OrderItem, Profile, Service


def receipt(reading: Reading, params: Mapping[str, str]) -> Content:
    """The order is paid: what was bought, from whom, when and for how much."""
    order = order_of(reading, params)
    paid_at = [(reading.say("paid_at"), moment(order.paid_at, reading.language))] if order.paid_at else []
    sellers = ", ".join(_sellers(reading, order))
    return Content(
        reading.say("receipt_subject"),
        [reading.say("receipt_body")],
        lines=lines_of(reading, order),
        details=[*order_details(reading, order), *paid_at, (reading.say("seller"), sellers)],
        links=[reading.link("to_my_courses", "/me/courses"), order_link(reading, order)],
    )


def cancelled(reading: Reading, params: Mapping[str, str]) -> Content:
    """The buyer has cancelled the order."""
    return _ended(reading, params, "cancelled")


def expired(reading: Reading, params: Mapping[str, str]) -> Content:
    """The order was not paid in time."""
    return _ended(reading, params, "expired")


def order_of(reading: Reading, params: Mapping[str, str]) -> Order:
    """The order that `params` name, with its items."""
    wanted = select(Order).where(Order.id == UUID(params["order_id"])).options(selectinload(Order.items))
    return reading.session.scalars(wanted).one()


def lines_of(reading: Reading, order: Order) -> Sequence[tuple[str, str]]:
    """Each item with its amount, and the total."""
    lines = [
        (_title(item), money(item.unit_amount * item.quantity, order.currency, reading.language))
        for item in order.items
    ]
    return [*lines, (reading.say("total"), money(order.total_amount, order.currency, reading.language))]


def order_details(reading: Reading, order: Order) -> Sequence[tuple[str, str]]:
    """The order's number."""
    return [(reading.say("order_number"), str(order.id))]


def order_link(reading: Reading, order: Order) -> Link:
    """The order in the app."""
    return reading.link("to_order", f"/orders/{order.id}")


def _ended(reading: Reading, params: Mapping[str, str], template: str) -> Content:
    order = order_of(reading, params)
    return Content(
        reading.say(f"{template}_subject"),
        [reading.say(f"{template}_body")],
        lines=lines_of(reading, order),
        details=order_details(reading, order),
        links=[reading.link("to_courses", "/courses")],
    )


def _title(item: OrderItem) -> str:
    return f"{item.quantity} × {item.title}" if item.quantity > 1 else item.title


def _sellers(reading: Reading, order: Order) -> Sequence[str]:
    courses = select(Course.teacher_id).where(Course.id.in_([item.course_id for item in order.items if item.course_id]))
    services = select(Service.teacher_id).where(
        Service.id.in_([item.service_id for item in order.items if item.service_id])
    )
    teachers = select(Profile.display_name).where(Profile.id.in_(courses.union(services)))
    return reading.session.scalars(teachers.distinct().order_by(Profile.display_name)).all()
