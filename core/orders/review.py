"""Put an order in review: a person must look at it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.messages import ReviewOrder
from core.orders.states import allowed_from
from core.outcomes import Done, Outcome
from db.models import Order, OrderItem


def review(session: Session, message: ReviewOrder) -> Outcome:
    """Put the item's order in review with the message's reason, if its state allows it."""
    order = session.scalars(
        select(Order)
        .join(OrderItem, OrderItem.order_id == Order.id)
        .where(OrderItem.id == message.order_item_id)
        .with_for_update(of=Order)
    ).one()
    if order.state in allowed_from("review"):
        order.state = "review"
        order.review_reason = message.reason
        record(session, Tag.ORDER_FLAGGED, order.id, data={"reason": message.reason})
    return Done()
