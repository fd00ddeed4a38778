"""Cancel an unpaid order."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.orders.problems import OrderNotCancellable
from core.orders.states import allowed_from
from core.problems import NotFound
from db.models import Checkout, Order


def cancel(session: Session, order_id: UUID, buyer_id: UUID) -> str | None:
    """Cancel the buyer's own order. Returns its open checkout session, to be closed after the commit.

    Cancelling a cancelled order changes nothing and returns the same. Raises NotFound or OrderNotCancellable.
    """
    order = session.scalar(select(Order).where(Order.id == order_id).with_for_update(key_share=True))
    if order is None or order.profile_id != buyer_id:
        raise NotFound(f"There is no order {order_id}.")
    if order.state == "cancelled":
        return _open_checkout(session, order_id)
    if order.state not in allowed_from("cancelled"):
        raise OrderNotCancellable(f"The order is {order.state}; only a pending order can be cancelled.")
    order.state = "cancelled"
    record(session, Tag.ORDER_CANCELLED, order.id, actor_id=buyer_id)
    return _open_checkout(session, order_id)


def _open_checkout(session: Session, order_id: UUID) -> str | None:
    return session.scalar(
        select(Checkout.session_id).where(Checkout.order_id == order_id, Checkout.closed_at.is_(None))
    )
