"""What is left of an event whose job is dead."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Uuid, cast, func, select, update
from sqlalchemy.orm import Session

from core.findings.kinds import Kind
from core.findings.open import NewFinding, open_findings
from db.models import Job, WebhookAttempt, WebhookEvent


def on_dead(session: Session, job_ids: Sequence[UUID]) -> None:
    """The events of these jobs are dead, each with the job's last error, until an operator replays them."""
    event_id = cast(Job.payload["event_id"].astext, Uuid)
    failed = session.execute(
        select(WebhookEvent.id, Job.last_error).join(Job, event_id == WebhookEvent.id).where(Job.id.in_(job_ids))
    ).all()
    session.add_all(WebhookAttempt(webhook_event_id=row.id, error=row.last_error or "") for row in failed)
    session.execute(
        update(WebhookEvent)
        .where(WebhookEvent.id.in_([row.id for row in failed]), WebhookEvent.state == "received")
        .values(state="dead", outcome="given up", processed_at=func.now())
    )
    open_findings(session, [NewFinding(Kind.EVENT_DEAD, row.id, details={"error": row.last_error}) for row in failed])
