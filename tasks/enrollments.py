"""Enrollments."""

from core.enrollments.grant import grant as grant_enrollments
from core.jobs.batch import Batch
from core.messages import GrantEnrollment
from db.statements import Statements
from tasks.decorators import statement_task


@statement_task(GrantEnrollment)
def grant(statements: Statements, batch: Batch) -> None:
    """Enroll the buyers of courses."""
    grant_enrollments(statements, batch)
