"""Open a checkout in three steps: `plan` in a transaction, `open_checkout` outside of any, `keep` in a second one.

The order is committed before the provider is called: its webhook can be faster than our commit. The audit log knows
every checkout that was opened for an order, and its number is the attempt; the order holds the one that is open.
At most one is open at a time, so that nobody pays twice.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.payments.payable import why_not_payable
from core.payments.problems import CheckoutOvertaken
from core.ports.payments import CheckoutRequest, CheckoutSession, LineItem, UiMode
from core.problems import NotFound, Problem
from db.models import AuditEvent, Order, OrderItem, Profile

# Stripe: a session lives at least 30 minutes: https://docs.stripe.com/api/checkout/sessions/create
# The spare minute is for the call. Extending to more than is asked for keeps requests at the same moment alike.
_LEAST_LEFT = timedelta(minutes=31)
_EXTENDED = timedelta(minutes=35)


@dataclass(frozen=True, slots=True)
class Plan:
    """A checkout to be opened, or answered again: the idempotency key in `request` makes the two one call.

    `replaces` is the session to be closed first.
    """

    order_id: UUID
    buyer_id: UUID
    attempt: int
    replaces: str | None
    request: CheckoutRequest


@dataclass(frozen=True, slots=True)
class _Opened:
    attempt: int
    session_id: str
    ui_mode: UiMode
    expires_at: datetime


def plan(session: Session, order_id: UUID, buyer_id: UUID, ui_mode: UiMode, *, now: datetime, public_url: str) -> Plan:
    """What to ask the provider for; the order's time is extended where a checkout would not fit in.

    Raises NotFound, or a Conflict that says why the order cannot be paid.
    """
    order = _locked(session, order_id)
    if order is None or order.profile_id != buyer_id:
        raise NotFound(f"There is no order {order_id}.")
    if fault := why_not_payable(order, now):
        raise fault
    last = _last_opened(session, order_id)
    if last and order.checkout_session_id == last.session_id and last.ui_mode == ui_mode and last.expires_at > now:
        request = _request(session, order, ui_mode, last.attempt, last.expires_at, public_url)
        return Plan(order_id, buyer_id, last.attempt, None, request)
    # Noted before the call, so that a session closed and then lost in a crash is never answered again.
    order.checkout_session_id = None
    if order.expires_at < now + _LEAST_LEFT:
        order.expires_at = now + _EXTENDED
    attempt = last.attempt + 1 if last else 1
    request = _request(session, order, ui_mode, attempt, order.expires_at, public_url)
    return Plan(order_id, buyer_id, attempt, last.session_id if last else None, request)


def keep(session: Session, planned: Plan, opened: CheckoutSession, *, now: datetime) -> Problem | None:
    """Store the open checkout on the order. A problem means: nobody may pay it, so close it and tell the caller."""
    order = _locked(session, planned.order_id)
    if order is None:
        return NotFound(f"There is no order {planned.order_id}.")
    if fault := why_not_payable(order, now):
        return fault
    if order.checkout_session_id == opened.id:
        return None
    last = _last_opened(session, order.id)
    if order.checkout_session_id is not None or planned.attempt != (last.attempt + 1 if last else 1):
        return CheckoutOvertaken("Ask again for the checkout you need.", retry_after=1)
    order.checkout_session_id = opened.id
    data = {
        "attempt": planned.attempt,
        "session_id": opened.id,
        "ui_mode": planned.request.ui_mode,
        "expires_at": planned.request.expires_at.isoformat(),
    }
    record(session, Tag.CHECKOUT_OPENED, order.id, actor_id=planned.buyer_id, data=data)
    return None


def _locked(session: Session, order_id: UUID) -> Order | None:
    return session.scalar(select(Order).where(Order.id == order_id).with_for_update(key_share=True))


def _last_opened(session: Session, order_id: UUID) -> _Opened | None:
    entries = session.scalars(
        select(AuditEvent.data).where(AuditEvent.subject_id == order_id, AuditEvent.tag == Tag.CHECKOUT_OPENED)
    )
    opened = [
        _Opened(data["attempt"], data["session_id"], data["ui_mode"], datetime.fromisoformat(data["expires_at"]))
        for data in entries
    ]
    return max(opened, key=lambda entry: entry.attempt, default=None)


def _request(
    session: Session, order: Order, ui_mode: UiMode, attempt: int, expires_at: datetime, public_url: str
) -> CheckoutRequest:
    email = session.scalars(select(Profile.email).where(Profile.id == order.profile_id)).one()
    # The same items in the same order: a repeated key must come with the same request.
    items = session.scalars(select(OrderItem).where(OrderItem.order_id == order.id).order_by(OrderItem.id))
    return CheckoutRequest(
        order_id=str(order.id),
        customer_email=email,
        currency=order.currency,
        items=[LineItem(item.title, item.unit_amount, item.quantity) for item in items],
        ui_mode=ui_mode,
        return_url=f"{public_url}/thanks?order={order.id}",
        expires_at=expires_at,
        idempotency_key=f"checkout-{order.id}-{ui_mode}-{attempt}-{int(expires_at.timestamp())}",
    )
