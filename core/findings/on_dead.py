"""A dead job that owes a buyer something is a finding."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.findings.kinds import Kind
from core.findings.open import NewFinding, open_findings
from db.models import Job


def on_dead(session: Session, job_ids: Sequence[UUID]) -> None:
    """Open a finding for each of these jobs."""
    dead = session.execute(select(Job.id, Job.kind, Job.last_error).where(Job.id.in_(job_ids))).all()
    open_findings(
        session,
        [NewFinding(Kind.JOB_DEAD, row.id, details={"kind": row.kind, "error": row.last_error}) for row in dead],
    )
