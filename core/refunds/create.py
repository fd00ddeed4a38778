"""Create an asked refund at the payment provider: prepared in one transaction, called in none, finished in another."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.findings.kinds import Kind
from core.findings.open import NewFinding, open_findings
from core.jobs.enqueue import enqueue
from core.messages import CreateRefund, DerivePayments
from core.ports.errors import GatewayRejected
from core.ports.refunds import ProviderRefund, RefundGateway, RefundRequest
from core.refunds.states import PROVIDER_STATES, is_later
from db.models import Payment, Refund

# Stripe keeps an idempotency key for at least 24 hours: https://docs.stripe.com/api/idempotent_requests
KEY_LIFE: Final = timedelta(hours=23)
_MAX_FAILURE: Final = 500


@dataclass(slots=True)
class RefundCall:
    """The call for one refund, and after it the provider's answer: `created`, or `rejected` with its reason.

    `looks_first`: the key of an earlier call may be forgotten, so the provider's refunds are searched first.
    """

    refund_id: UUID
    order_id: UUID
    request: RefundRequest
    looks_first: bool
    created: ProviderRefund | None = None
    rejected: str | None = None

    def make(self, gateway: RefundGateway) -> None:
        """Call the provider and keep the answer; a rejection is an answer. Raises GatewayUnavailable."""
        if self.looks_first:
            self.created = self._find(gateway)
        if self.created:
            return
        try:
            self.created = gateway.create_refund(self.request)
        except GatewayRejected as error:
            # An earlier call may have created it, which is why nothing is left for this one.
            self.created = self._find(gateway)
            self.rejected = None if self.created else str(error)

    def _find(self, gateway: RefundGateway) -> ProviderRefund | None:
        try:
            return gateway.find_refund(self.request.payment_id, self.request.refund_id)
        except GatewayRejected:
            return None


def prepare(session: Session, message: CreateRefund, now: datetime) -> RefundCall | None:
    """What to call with; None if the provider has told of the refund already."""
    refund, order_id = session.execute(
        select(Refund, Payment.order_id)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.id == message.refund_id)
    ).one()
    if refund.state != "requested":
        return None
    request = RefundRequest(
        payment_id=refund.provider_payment_id,
        amount=refund.amount,
        refund_id=str(refund.id),
        order_id=str(order_id),
        idempotency_key=f"refund-{refund.id}",
    )
    return RefundCall(refund.id, order_id, request, looks_first=now - refund.created_at > KEY_LIFE)


def finish(session: Session, call: RefundCall) -> None:
    """Store the provider's answer, unless its events have told more already. The order is derived by a job."""
    refund = session.get_one(Refund, call.refund_id, with_for_update=True)
    before = (refund.state, refund.provider_refund_id)
    if call.created:
        _store(session, refund, call.created)
    elif refund.provider_refund_id is None and refund.state == "requested":
        refund.state, refund.failure = "failed", (call.rejected or "")[:_MAX_FAILURE]
        record(session, Tag.REFUND_REJECTED, refund.id, data={"order_id": call.order_id, "reason": refund.failure})
    session.flush()
    if before == (refund.state, refund.provider_refund_id):
        return
    if refund.state == "failed":
        details = {"amount": refund.amount, "currency": refund.currency, "reason": refund.failure}
        open_findings(session, [NewFinding(Kind.REFUND_FAILED, refund.id, call.order_id, details)])
    enqueue(session, DerivePayments(order_id=call.order_id))


def _store(session: Session, refund: Refund, created: ProviderRefund) -> None:
    state = PROVIDER_STATES.get(created.status, "pending")
    if refund.provider_refund_id is None:
        refund.provider_refund_id = created.id
        record(session, Tag.REFUND_CREATED, refund.id, data={"provider_refund_id": created.id})
    if is_later(state, refund.state):
        refund.state = state
