"""Place an order: check what is wanted, take the prices of this moment, write it all in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.orders.catalogue import on_sale
from core.orders.duplicates import refuse_bought_twice
from core.orders.price import OrderLine, ProductKind, total_of
from core.orders.problems import CourseTwice
from core.orders.states import INITIAL
from core.problems import InputInvalid
from db.models import Order, OrderItem, Profile

MAX_ITEMS = 20
MAX_QUANTITY = 20


@dataclass(frozen=True, slots=True)
class RequestedItem:
    """A product and how many of it; a course is bought once."""

    kind: ProductKind
    product_id: UUID
    quantity: int = 1


def place(
    session: Session, buyer_id: UUID, requested: Sequence[RequestedItem], *, now: datetime, open_for: timedelta
) -> UUID:
    """Write a pending order that can be paid for `open_for`, and return its id.

    Raises InputInvalid or one of its kinds, CourseOwned, or OrderOpen; `field` names the item at fault.
    """
    _check(requested)
    # Orders of one buyer are placed one after another: the look for an open order and the new order are one step.
    session.execute(select(Profile.id).where(Profile.id == buyer_id).with_for_update(key_share=True))
    lines = on_sale(session, [(item.kind, item.product_id, item.quantity) for item in requested])
    refuse_bought_twice(session, buyer_id, lines, now)
    total = total_of(lines)
    order = Order(
        profile_id=buyer_id,
        state=INITIAL,
        total_amount=total.amount,
        currency=total.currency,
        expires_at=now + open_for,
        created_at=now,
        items=[_item(line) for line in lines],
    )
    session.add(order)
    session.flush()
    data = {"total_amount": total.amount, "currency": total.currency, "items": len(lines)}
    record(session, Tag.ORDER_PLACED, order.id, actor_id=buyer_id, data=data)
    return order.id


def _check(requested: Sequence[RequestedItem]) -> None:
    if not 1 <= len(requested) <= MAX_ITEMS:
        raise InputInvalid(f"An order has 1 to {MAX_ITEMS} items, not {len(requested)}.", field="items")
    courses: set[UUID] = set()
    for index, item in enumerate(requested):
        most = 1 if item.kind == "course" else MAX_QUANTITY
        if not 1 <= item.quantity <= most:
            raise InputInvalid(
                f"The quantity of a {item.kind} is 1{f' to {most}' if most > 1 else ''}, not {item.quantity}.",
                field=f"items.{index}.quantity",
            )
        if item.product_id in courses:
            raise CourseTwice(f"Item {index} repeats a course.", field=f"items.{index}.course_id")
        if item.kind == "course":
            courses.add(item.product_id)


def _item(line: OrderLine) -> OrderItem:
    return OrderItem(
        course_id=line.product_id if line.kind == "course" else None,
        service_id=line.product_id if line.kind == "service" else None,
        title=line.title,
        unit_amount=line.unit_amount,
        quantity=line.quantity,
    )
