"""Place an order: check the request, read the current prices, write the order."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.jobs.enqueue import NewJob, enqueue
from core.messages import FulfilOrder
from core.orders.catalogue import on_sale
from core.orders.duplicates import refuse_bought_twice
from core.orders.holds import hold_seats
from core.orders.price import OrderLine, total_of
from core.orders.problems import ProductTwice
from core.orders.products import ProductKind, RequestedItem
from core.orders.states import INITIAL, INITIAL_FREE
from core.problems import InputInvalid
from db.models import Order, OrderItem, Profile

MAX_ITEMS = 20


def place(
    session: Session, buyer_id: UUID, requested: Sequence[RequestedItem], *, now: datetime, open_for: timedelta
) -> UUID:
    """Write a pending order that can be paid for `open_for`, and return its id. A free order is paid at once.

    Raises InputInvalid or one of its subclasses, CourseOwned, SeatOwned, SeatsFull or OrderOpen; `field` names the
    invalid item.
    """
    _check(requested)
    # The lock makes the orders of one buyer serial: no other order can appear after the check for open orders.
    session.execute(select(Profile.id).where(Profile.id == buyer_id).with_for_update(key_share=True))
    lines = on_sale(session, requested, now)
    refuse_bought_twice(session, buyer_id, lines, now)
    total = total_of(lines)
    free = total.amount == 0
    order = Order(
        profile_id=buyer_id,
        state=INITIAL_FREE if free else INITIAL,
        total_amount=total.amount,
        currency=total.currency,
        expires_at=now + open_for,
        paid_at=now if free else None,
        created_at=now,
        items=[_item(line) for line in lines],
    )
    session.add(order)
    session.flush()
    hold_seats(session, order)
    data = {"total_amount": total.amount, "currency": total.currency, "items": len(lines)}
    record(session, Tag.ORDER_PLACED, order.id, actor_id=buyer_id, data=data)
    if free:
        record(session, Tag.ORDER_FREE, order.id, actor_id=buyer_id)
        enqueue(session, NewJob(message=FulfilOrder(order_id=order.id), profile_id=buyer_id))
    return order.id


def _check(requested: Sequence[RequestedItem]) -> None:
    if not 1 <= len(requested) <= MAX_ITEMS:
        raise InputInvalid(f"An order has 1 to {MAX_ITEMS} items, not {len(requested)}.", field="items")
    bought_once: set[tuple[ProductKind, UUID]] = set()
    for index, item in enumerate(requested):
        most = item.kind.max_quantity
        if not 1 <= item.quantity <= most:
            raise InputInvalid(
                f"The quantity of a {item.kind.name} is 1{f' to {most}' if most > 1 else ''}, not {item.quantity}.",
                field=f"items.{index}.quantity",
            )
        if item.kind.once is None:
            continue
        if (item.kind, item.product_id) in bought_once:
            raise ProductTwice(f"Item {index} repeats a {item.kind.name}.", field=f"items.{index}.{item.kind.id_field}")
        bought_once.add((item.kind, item.product_id))


def _item(line: OrderLine) -> OrderItem:
    return OrderItem(
        title=line.title,
        unit_amount=line.unit_amount,
        quantity=line.quantity,
        refund_days=line.refund_days,
        refund_max_progress=line.refund_max_progress,
        **{line.kind.id_field: line.product_id},
    )
