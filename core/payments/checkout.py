"""Open a checkout in three steps: `plan` in one transaction, the calls in none, `store_checkout` in another.

The order is committed before the provider is called: its webhook can be faster than our commit. Checkouts are numbered
for each order, and at most one is open at a time, so that nobody pays twice.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.jobs.enqueue import NewJob, enqueue
from core.messages import CloseCheckout
from core.payments.payable import why_not_payable
from core.payments.problems import CheckoutOvertaken
from core.ports.payments import SESSION_ID_PLACEHOLDER, CheckoutRequest, CheckoutSession, LineItem, UiMode
from core.problems import NotFound, Problem
from db.models import Checkout, Order, OrderItem, Profile

# Stripe: a session lives at least 30 minutes: https://docs.stripe.com/api/checkout/sessions/create
# The spare minute is for the call. Extending to more than is asked for keeps requests at the same moment alike.
_LEAST_LEFT = timedelta(minutes=31)
_EXTENDED = timedelta(minutes=35)
# The request closes the replaced session itself, within seconds. Its calls and the job's would disturb each other.
_CLOSED_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """A checkout to be opened. `previous` is the order's last session: the provider is asked about it first.

    With `reuses` that session is answered again; otherwise it is closed. `spare_key` is an idempotency key in place of
    that of `request`, when it is spent.
    """

    order_id: UUID
    buyer_id: UUID
    number: int
    previous: str | None
    reuses: bool
    request: CheckoutRequest
    spare_key: str


def plan(session: Session, order_id: UUID, buyer_id: UUID, ui_mode: UiMode, *, now: datetime, public_url: str) -> Plan:
    """What to ask the provider for; the order's time is extended where a checkout would not fit in.

    Raises NotFound, or a Conflict that says why the order cannot be paid.
    """
    order = _locked(session, order_id)
    if order is None or order.profile_id != buyer_id:
        raise NotFound(f"There is no order {order_id}.")
    if fault := why_not_payable(order, now):
        raise fault
    last = _last(session, order_id)
    if last and last.closed_at is None and last.ui_mode == ui_mode and last.expires_at > now:
        request = _request(session, order, ui_mode, last.number, last.expires_at, public_url)
        return Plan(order_id, buyer_id, last.number, last.session_id, True, request, _spare_key(request, now))
    if last:
        _replace(session, last, now)
    if order.expires_at < now + _LEAST_LEFT:
        order.expires_at = now + _EXTENDED
    number = last.number + 1 if last else 1
    request = _request(session, order, ui_mode, number, order.expires_at, public_url)
    previous = last.session_id if last else None
    return Plan(order_id, buyer_id, number, previous, False, request, _spare_key(request, now))


def store_checkout(session: Session, planned: Plan, opened: CheckoutSession, *, now: datetime) -> Problem | None:
    """Store the checkout as the order's open one. A problem means that it must be closed, and its caller told."""
    order = _locked(session, planned.order_id)
    if order is None:
        return NotFound(f"There is no order {planned.order_id}.")
    if fault := why_not_payable(order, now):
        return fault
    last = _last(session, order.id)
    is_open = last is not None and last.closed_at is None
    if last and is_open and last.session_id == opened.id:
        return None
    if is_open or planned.number != (last.number + 1 if last else 1):
        return CheckoutOvertaken("Ask again for the checkout you need.", retry_after=1)
    request = planned.request
    session.add(
        Checkout(
            order_id=order.id,
            number=planned.number,
            session_id=opened.id,
            ui_mode=request.ui_mode,
            expires_at=request.expires_at,
        )
    )
    session.flush()
    data = {"number": planned.number, "session_id": opened.id, "ui_mode": request.ui_mode}
    record(session, Tag.CHECKOUT_OPENED, order.id, actor_id=planned.buyer_id, data=data)
    return None


def _replace(session: Session, last: Checkout, now: datetime) -> None:
    """Close a checkout before the call, so that one that is lost in a crash is never answered again.

    Only open checkouts are reconciled, so a job closes it at the provider, and asks what became of it, whatever becomes
    of the request.
    """
    if last.closed_at:
        return
    last.closed_at = now
    message = CloseCheckout(session_id=last.session_id)
    enqueue(session, NewJob(message=message, run_at=now + _CLOSED_AGAIN, dedupe_key=f"checkout:{last.session_id}"))


def mark_closed(session: Session, session_id: str, now: datetime) -> None:
    """Mark a checkout as closed after the provider said that it has expired, or that it does not know it."""
    session.execute(
        update(Checkout).where(Checkout.session_id == session_id, Checkout.closed_at.is_(None)).values(closed_at=now)
    )


def _spare_key(request: CheckoutRequest, now: datetime) -> str:
    # Another one each second: a spare key can be spent too.
    return f"{request.idempotency_key}-{int(now.timestamp())}"


def _locked(session: Session, order_id: UUID) -> Order | None:
    return session.scalar(select(Order).where(Order.id == order_id).with_for_update(key_share=True))


def _last(session: Session, order_id: UUID) -> Checkout | None:
    return session.scalar(
        select(Checkout).where(Checkout.order_id == order_id).order_by(Checkout.number.desc()).limit(1)
    )


def _request(
    session: Session, order: Order, ui_mode: UiMode, number: int, expires_at: datetime, public_url: str
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
        return_url=f"{public_url}/thanks?session_id={SESSION_ID_PLACEHOLDER}",
        cancel_url=f"{public_url}/cancelled?order={order.id}",
        expires_at=expires_at,
        idempotency_key=f"checkout-{order.id}-{ui_mode}-{number}-{int(expires_at.timestamp())}",
    )
