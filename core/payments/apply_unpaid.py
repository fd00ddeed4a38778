"""Events about payments that are not final, and about checkouts that ended unpaid.

Each function applies one event. An event that comes late, after a newer one has moved the order on, changes nothing.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.jobs.enqueue import NewJob, enqueue
from core.mail.queue import queue_mail
from core.messages import AskCheckout
from core.orders.states import allowed_from as order_allowed_from
from core.outcomes import EventOutcome, Ignored, Processed
from core.payments.payable import TIME_AFTER_FAILURE
from core.payments.states import PaymentState
from core.payments.states import allowed_from as payment_allowed_from
from db.models import Checkout, Order, Payment, Profile, WebhookEvent

_UNKNOWN_ORDER = Ignored("unknown order")
_ERASED = Processed("the buyer is erased")
_NOT_NEW = Processed("an older event")


def apply_pending(session: Session, event: WebhookEvent) -> EventOutcome:
    """A delayed method was chosen: the money comes, or fails, within days."""
    order = _locked(session, event)
    if order is None:
        return _UNKNOWN_ORDER
    if _is_known(session, event):
        return _NOT_NEW
    _store(session, order, event, "processing")
    if _is_erased(session, order):
        return _ERASED
    if order.state not in order_allowed_from("processing"):
        return Processed("another payment is in progress")
    order.state = "processing"
    record(session, Tag.ORDER_PROCESSING, order.id)
    queue_mail(
        session, "payment_begun", f"payment_begun:{event.data['payment_id']}", order.profile_id, order_id=str(order.id)
    )
    return Processed("waiting for the money")


def apply_failed(session: Session, event: WebhookEvent) -> EventOutcome:
    """A payment failed: its checkout is used up, and the buyer may try again."""
    order = _locked(session, event)
    if order is None:
        return _UNKNOWN_ORDER
    # A failure that is known already may have been followed by another attempt.
    if not _store(session, order, event, "failed"):
        return _NOT_NEW
    _close(session, event)
    if _is_erased(session, order):
        return _ERASED
    if order.state not in ("pending", *order_allowed_from("pending")):
        return Processed("the payment failed")
    if _in_progress(session, order):
        return Processed("the payment failed: another one is in progress")
    _reopen(session, order)
    queue_mail(
        session,
        "payment_failed",
        f"payment_failed:{event.data['payment_id']}",
        order.profile_id,
        order_id=str(order.id),
    )
    return Processed("the payment failed: the buyer may try again")


def apply_attempt_failed(session: Session, event: WebhookEvent) -> EventOutcome:
    """An attempt within a payment failed. It may be older than one that is in progress: then the provider is asked."""
    last = (
        select(Checkout.session_id)
        .join(Payment, Payment.order_id == Checkout.order_id)
        .where(Payment.provider_payment_id == event.data["payment_id"], Payment.state == "processing")
        .order_by(Checkout.number.desc())
        .limit(1)
    )
    session_id = session.scalar(last)
    if session_id is None:
        return Processed("an attempt failed: the buyer may try again")
    enqueue(session, NewJob(message=AskCheckout(session_id=session_id), dedupe_key=f"checkout:{session_id}"))
    return Processed("an attempt failed: its checkout is asked for")


def apply_expired(session: Session, event: WebhookEvent) -> EventOutcome:
    """The order's open checkout expired, and the order with it, unless a failed payment has given it more time."""
    order = _locked(session, event)
    if order is None:
        return _UNKNOWN_ORDER
    # Closed whatever the order's state is: an order that was cancelled or has expired keeps no open checkout.
    ended_at = _close(session, event)
    if ended_at is None or order.state not in order_allowed_from("expired"):
        return _NOT_NEW
    if order.expires_at > ended_at:
        return Processed("the checkout expired: the order can still be paid")
    order.state = "expired"
    record(session, Tag.ORDER_EXPIRED, order.id, data={"reason": "the checkout expired"})
    queue_mail(
        session,
        "expired",
        f"expired:{order.id}:{int(order.expires_at.timestamp())}",
        order.profile_id,
        order_id=str(order.id),
    )
    return Processed("the checkout expired")


def _locked(session: Session, event: WebhookEvent) -> Order | None:
    order_id = UUID(event.data["order_id"])
    return session.scalars(select(Order).where(Order.id == order_id).with_for_update()).one_or_none()


def _reopen(session: Session, order: Order) -> None:
    """The order can be paid again, and for long enough, whenever its time was over."""
    reopened = order.state != "pending"
    order.state = "pending"
    order.expires_at = func.greatest(Order.expires_at, func.now() + TIME_AFTER_FAILURE)
    session.flush()
    if reopened:
        record(session, Tag.ORDER_REOPENED, order.id, data={"expires_at": order.expires_at.isoformat()})


def _close(session: Session, event: WebhookEvent) -> datetime | None:
    """Close the event's checkout, and return when it was to end; None when it is not the one that is open."""
    return session.scalar(
        update(Checkout)
        .where(Checkout.session_id == event.data["session_id"], Checkout.closed_at.is_(None))
        .values(closed_at=func.now())
        .returning(Checkout.expires_at)
    )


def _is_erased(session: Session, order: Order) -> bool:
    return session.scalars(select(Profile.erased_at).where(Profile.id == order.profile_id)).one() is not None


def _in_progress(session: Session, order: Order) -> bool:
    found = select(Payment.id).where(Payment.order_id == order.id, Payment.state == "processing").limit(1)
    return session.scalar(found) is not None


def _is_known(session: Session, event: WebhookEvent) -> bool:
    found = select(Payment.id).where(Payment.provider_payment_id == event.data["payment_id"])
    return session.scalar(found) is not None


def _store(session: Session, order: Order, event: WebhookEvent, state: PaymentState) -> bool:
    """Write what the payment has become; False when that is not new."""
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
