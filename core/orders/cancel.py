"""Cancel an unpaid order."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.jobs.enqueue import NewJob, enqueue
from core.mail.queue import queue_mail
from core.messages import CloseCheckout, ReleaseSeats
from core.orders.problems import OrderNotCancellable
from core.orders.states import allowed_from
from core.problems import NotFound
from db.models import Checkout, Order, OrderItem


def checkout_to_ask(session: Session, order_id: UUID, buyer_id: UUID) -> str | None:
    """The last session of the buyer's own order. It may be paid, so the provider is asked before a cancellation.

    None when the order has no session or is not pending. Raises NotFound.
    """
    order = _own(session, order_id, buyer_id)
    if order.state not in allowed_from("cancelled"):
        return None
    last = select(Checkout.session_id).where(Checkout.order_id == order_id).order_by(Checkout.number.desc()).limit(1)
    return session.scalar(last)


def cancel(session: Session, order_id: UUID, buyer_id: UUID) -> None:
    """Cancel the buyer's own order, and enqueue the job that closes its open checkout.

    Cancelling a cancelled order changes nothing. Raises NotFound or OrderNotCancellable.
    """
    order = _own(session, order_id, buyer_id)
    if order.state == "cancelled":
        return
    if order.state not in allowed_from("cancelled"):
        raise OrderNotCancellable(f"The order is {order.state}; only a pending order can be cancelled.")
    order.state = "cancelled"
    record(session, Tag.ORDER_CANCELLED, order.id, actor_id=buyer_id)
    queue_mail(session, "cancelled", f"cancelled:{order.id}", buyer_id, order_id=str(order.id))
    if session.scalar(
        select(OrderItem.id).where(OrderItem.order_id == order.id, OrderItem.seminar_id.is_not(None)).limit(1)
    ):
        enqueue(session, ReleaseSeats(order_id=order.id))
    is_open = (Checkout.order_id == order_id) & Checkout.closed_at.is_(None)
    for session_id in session.scalars(select(Checkout.session_id).where(is_open)):
        enqueue(session, NewJob(message=CloseCheckout(session_id=session_id), dedupe_key=f"checkout:{session_id}"))


def _own(session: Session, order_id: UUID, buyer_id: UUID) -> Order:
    order = session.scalar(select(Order).where(Order.id == order_id).with_for_update(key_share=True))
    if order is None or order.profile_id != buyer_id:
        raise NotFound(f"There is no order {order_id}.")
    return order
