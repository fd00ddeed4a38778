"""Answer a finding by giving the money back that it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from core.findings.close import open_finding
from core.findings.kinds import Kind
from core.reasons import checked_reason
from core.refunds.intent import Asker, request_refund
from core.refunds.lines import Line, lines_of
from core.refunds.money import Paid, covering, money_of
from core.refunds.problems import ItemRefunded, PaymentUnknown
from core.refunds.states import GIVEN_BACK
from db.models import Finding, Order, OrderItem, Payment, Refund, RefundItem

_STRIPES = Payment.provider == "stripe"


@dataclass(frozen=True, slots=True)
class _Target:
    """What to give back: without a payment of the one that covers the order, without an amount all that is left."""

    order_id: UUID
    payment_id: UUID | None = None
    amount: int | None = None
    item_ids: Sequence[UUID] = ()


def refund_finding(session: Session, finding_id: UUID, *, actor_id: UUID, reason: str, now: datetime) -> None:
    """Ask for the refund that resolves a finding; the finding closes when the refund has succeeded.

    While a refund for the finding is on its way nothing is asked again. Raises InputInvalid, NotFound, FindingClosed,
    FindingActionRefused, or a Conflict of core.refunds.problems.
    """
    reason = checked_reason(reason)
    unlocked = session.get(Finding, finding_id)
    target = _target(session, unlocked) if unlocked else None
    if target:
        # Orders are locked before findings, as everywhere.
        session.execute(select(Order.id).where(Order.id == target.order_id).with_for_update())
    finding = open_finding(session, finding_id, "refund")
    if _is_asked(session, finding):
        return
    paid = _paid(session, target) if target else None
    if target is None or paid is None:
        raise PaymentUnknown("No payment of this system is known that the finding is about.")
    lines = _lines(session, target)
    amount = paid.left if target.amount is None else target.amount
    asker = Asker(actor_id, "admin", reason, finding.id)
    request_refund(session, paid, amount, lines, asker, now)


def _target(session: Session, finding: Finding) -> _Target | None:
    match finding.kind:
        case Kind.COURSE_ALREADY_OWNED:
            return _line_target(session, finding.subject_id)
        case Kind.REFUND_FAILED:
            return _repeated_target(session, finding.subject_id)
        case Kind.PAYMENT_OF_ANOTHER_ORDER | Kind.FRAUD_WARNING:
            named = _STRIPES & (Payment.provider_payment_id == str(finding.details.get("payment")))
        case _:
            named = Payment.id == finding.subject_id
    row = session.execute(select(Payment.order_id, Payment.id).where(named)).one_or_none()
    return _Target(row.order_id, row.id) if row else None


def _line_target(session: Session, item_id: UUID) -> _Target | None:
    item = session.get(OrderItem, item_id)
    return _Target(item.order_id, None, item.unit_amount * item.quantity, [item.id]) if item else None


def _repeated_target(session: Session, refund_id: UUID) -> _Target | None:
    of_refund = (
        select(Payment.order_id, Payment.id, Refund.amount)
        .join(Refund, _STRIPES & (Refund.provider_payment_id == Payment.provider_payment_id))
        .where(Refund.id == refund_id)
    )
    row = session.execute(of_refund).one_or_none()
    items = session.scalars(select(RefundItem.order_item_id).where(RefundItem.refund_id == refund_id)).all()
    return _Target(row.order_id, row.id, row.amount, items) if row else None


def _is_asked(session: Session, finding: Finding) -> bool:
    asked = exists().where(Refund.finding_id == finding.id, Refund.state.in_(GIVEN_BACK))
    return bool(session.scalar(select(asked)))


def _paid(session: Session, target: _Target) -> Paid | None:
    payments = money_of(session, target.order_id)
    if target.payment_id is None:
        return covering(payments)
    return next((one for one in payments if one.payment_id == target.payment_id), None)


def _lines(session: Session, target: _Target) -> list[Line]:
    lines = [line for line in lines_of(session, target.order_id) if line.item.id in target.item_ids]
    for line in lines:
        if line.given_back:
            raise ItemRefunded(f"{line.item.title}: its money was given back, or is on its way back.")
    return lines
