"""The intent to give money back: stored, with the job that carries it out, before the provider is called."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.jobs.enqueue import NewJob, enqueue
from core.messages import CreateRefund, DerivePayments
from core.refunds.lines import Line
from core.refunds.money import Paid
from db.models import Refund, RefundItem, RefundRole


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for a refund, as what and why; `finding_id` is the finding that the refund answers.

    Without `profile_id` it follows from a rule of the system.
    """

    profile_id: UUID | None
    role: RefundRole
    reason: str
    finding_id: UUID | None = None


def request_refund(
    session: Session, paid: Paid, amount: int, lines: Sequence[Line], asker: Asker, now: datetime
) -> tuple[Refund, UUID]:
    """Store a refund in the state `requested`, and enqueue its job, whose id is returned too.

    The caller has locked the order. Raises OrderNotRefundable, RefundOverLeft.
    """
    paid.require(amount)
    refund = Refund(
        payment_id=paid.payment_id,
        provider_payment_id=paid.provider_payment_id,
        state="requested",
        amount=amount,
        currency=paid.currency,
        reason=asker.reason,
        requested_by=asker.profile_id,
        requested_as=asker.role,
        finding_id=asker.finding_id,
        created_at=now,
    )
    session.add(refund)
    session.flush()
    session.add_all([RefundItem(refund_id=refund.id, order_item_id=one.item.id, amount=one.amount) for one in lines])
    session.flush()
    data = {
        "order_id": paid.order_id,
        "amount": amount,
        "currency": paid.currency,
        "role": asker.role,
        # A buyer's own words are personal data, which the audit log never has.
        "reason": asker.reason if asker.role != "buyer" else None,
        "items": [one.item.id for one in lines],
        "finding_id": asker.finding_id,
    }
    record(session, Tag.REFUND_REQUESTED, refund.id, actor_id=asker.profile_id, data=data)
    job = NewJob(message=CreateRefund(refund_id=refund.id), profile_id=asker.profile_id)
    job_id, _ = enqueue(session, job, DerivePayments(order_id=paid.order_id))
    return refund, job_id
