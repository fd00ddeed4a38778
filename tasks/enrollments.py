"""Enrollments."""

from sqlalchemy.orm import Session

from core.enrollments.grant import grant as grant_enrollments
from core.ledger.batch import Batch
from core.messages import GrantEnrollment
from tasks.base import statement_task


@statement_task(GrantEnrollment)
def grant(session: Session, batch: Batch) -> None:
    """Enroll the buyers of courses."""
    grant_enrollments(session, batch)
