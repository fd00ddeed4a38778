"""The issuer of a card reports a payment as fraudulent."""

from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.findings.kinds import Kind
from core.findings.open import NewFinding, open_findings
from core.outcomes import EventOutcome, Processed
from db.models import Payment, WebhookEvent


def apply_warning(session: Session, event: WebhookEvent) -> EventOutcome:
    """Open a finding; the payment may be unknown yet."""
    data = event.data
    order_id = session.scalar(select(Payment.order_id).where(Payment.provider_payment_id == data["payment_id"]))
    subject = uuid5(NAMESPACE_OID, f"stripe:{data['provider_id']}")
    details = {"warning": data["provider_id"], "payment": data["payment_id"], "fraud_type": data["fraud_type"]}
    open_findings(session, [NewFinding(Kind.FRAUD_WARNING, subject, order_id, details)])
    return Processed("fraud warning")
