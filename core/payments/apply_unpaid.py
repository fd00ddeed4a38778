"""Facts about payments that are not final yet, and checkouts that ended without one. Rare: one event at a time."""

from typing import Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.orders.states import allowed_from as order_allowed_from
from core.payments.states import PaymentState
from core.payments.states import allowed_from as payment_allowed_from
from db.models import Order, Payment, WebhookEvent


def apply_delayed(
    session: Session, event: WebhookEvent, *, livemode: bool
) -> tuple[Literal["processed", "ignored"], str]:
    """Apply a `checkout_pending`, `checkout_failed` or `checkout_expired` fact; the event's new state and its outcome.

    A fact that comes late, after a newer one has moved the order on, changes nothing.
    """
    order = session.scalars(
        select(Order).where(Order.id == UUID(event.data["order_id"])).with_for_update()
    ).one_or_none()
    if order is None:
        return "ignored", "unknown order"
    if event.livemode is not livemode:
        return "ignored", "wrong livemode"
    match event.data["kind"]:
        case "checkout_pending":
            return "processed", _pending(session, order, event)
        case "checkout_failed":
            return "processed", _failed(session, order, event)
        case "checkout_expired":
            return "processed", _expired(session, order, event)
        case _:
            return "ignored", "nothing to do"


def _pending(session: Session, order: Order, event: WebhookEvent) -> str:
    if order.state not in order_allowed_from("processing") or _known(session, event):
        return "an older fact"
    _store(session, order, event, "processing")
    order.state = "processing"
    record(session, Tag.ORDER_PROCESSING, order.id)
    return "waiting for the money"


def _failed(session: Session, order: Order, event: WebhookEvent) -> str:
    # What was known before may have been followed by another attempt, which it says nothing about.
    if not _store(session, order, event, "failed"):
        return "an older fact"
    if order.checkout_session_id == event.data["session_id"]:
        # The session is used up, and a new one is needed, even where its beginning was never told.
        order.checkout_session_id = None
    if order.state not in order_allowed_from("pending"):
        return "the payment failed"
    order.state = "pending"
    record(session, Tag.ORDER_REOPENED, order.id)
    return "the payment failed: the buyer may try again"


def _expired(session: Session, order: Order, event: WebhookEvent) -> str:
    if order.state not in order_allowed_from("expired") or order.checkout_session_id != event.data["session_id"]:
        return "an older fact"
    order.state = "expired"
    record(session, Tag.ORDER_EXPIRED, order.id, data={"reason": "the checkout expired"})
    return "the checkout expired"


def _known(session: Session, event: WebhookEvent) -> bool:
    found = select(Payment.id).where(Payment.provider_payment_id == event.data["payment_id"])
    return session.scalar(found) is not None


def _store(session: Session, order: Order, event: WebhookEvent, state: PaymentState) -> bool:
    """Write what the payment has become; False when that is not news."""
    data = event.data
    row = insert(Payment).values(
        order_id=order.id,
        provider_payment_id=data["payment_id"],
        state=state,
        amount=data["amount"],
        currency=data["currency"],
        livemode=event.livemode,
    )
    stored = session.execute(
        row.on_conflict_do_update(
            index_elements=[Payment.provider, Payment.provider_payment_id],
            set_={"state": state, "updated_at": func.now()},
            where=Payment.state.in_(payment_allowed_from(state)) & (Payment.order_id == order.id),
        ).returning(Payment.id)
    )
    return stored.first() is not None
