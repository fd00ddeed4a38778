"""Accept a payment that does not match its order, or came after the order was cancelled: it covers the order now."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.findings.close import close, open_finding
from core.jobs.enqueue import NewJob, enqueue
from core.messages import DerivePayments, FulfilOrder
from core.orders.states import allowed_from
from core.payments.problems import OrderAlreadyPaid, PaymentGivenBack
from core.problems import NotFound
from db.models import Finding, Order, Payment
from db.queries import query


def accept_finding(session: Session, finding_id: UUID, *, actor_id: UUID, reason: str, now: datetime) -> None:
    """Let the payment of a finding cover its order, which is fulfilled, and close the finding.

    Raises InputInvalid, NotFound, FindingClosed, FindingActionRefused, OrderAlreadyPaid, PaymentGivenBack.
    """
    # Orders are locked before findings, as everywhere.
    order = session.scalar(
        select(Order)
        .join(Payment, Payment.order_id == Order.id)
        .join(Finding, Finding.subject_id == Payment.id)
        .where(Finding.id == finding_id)
        .with_for_update(of=Order)
    )
    finding = open_finding(session, finding_id, "accept")
    if order is None:
        raise NotFound("The payment of the finding does not exist any more.")
    if order.state in {"paid", "fulfilled"}:
        raise OrderAlreadyPaid(f"The order is {order.state} by another payment: give this one back.")
    _require_money(session, order.id, finding.subject_id)
    payment = session.get_one(Payment, finding.subject_id)
    payment.accepted_at = now
    close(session, finding, "accepted", actor_id=actor_id, reason=reason, now=now)
    data = {"payment_id": payment.id, "amount": payment.amount, "currency": payment.currency, "from": order.state}
    record(session, Tag.ORDER_ACCEPTED, order.id, actor_id=actor_id, data=data)
    _cover(session, order, now)


def _require_money(session: Session, order_id: UUID, payment_id: UUID) -> None:
    for one in session.execute(query("payments/money"), {"order_id": order_id}):
        if one.payment_id == payment_id and (one.disputed or one.back):
            raise PaymentGivenBack("The payment is disputed, or money of it was given back.")


def _cover(session: Session, order: Order, now: datetime) -> None:
    if order.state in allowed_from("paid") and order.state not in {"refunded", "disputed"}:
        order.state, order.paid_at = "paid", now
        session.flush()
        enqueue(session, NewJob(message=FulfilOrder(order_id=order.id), profile_id=order.profile_id))
    # The state of an order whose money went back follows from all its payments.
    enqueue(session, DerivePayments(order_id=order.id))
