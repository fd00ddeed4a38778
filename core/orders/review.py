"""Put an order aside for a person."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.messages import ReviewOrder
from core.orders.states import allowed_from
from core.outcomes import Done, Outcome
from db.models import Order, OrderItem


def review(session: Session, message: ReviewOrder) -> Outcome:
    """Move the item's order to review with the message's reason; one that may not go there stays as it is."""
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
