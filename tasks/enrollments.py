"""Enrollments."""

from core.enrollments.grant import grant as grant_enrollments
from core.enrollments.grant_gifts import grant_gifts as grant_due_gifts
from core.enrollments.revoke import revoke as revoke_enrollments
from core.jobs.batch import Batch
from core.messages import GrantEnrollment, GrantGifts, RevokeEnrollments
from db.statements import Statements
from tasks.decorators import statement_task


@statement_task(GrantEnrollment)
def grant(statements: Statements, batch: Batch) -> None:
    """Enroll the buyers of courses."""
    grant_enrollments(statements, batch)


@statement_task(GrantGifts)
def grant_gifts(statements: Statements, batch: Batch) -> None:
    """Enroll those who were given a course and have an account."""
    grant_due_gifts(statements, batch)


@statement_task(RevokeEnrollments)
def revoke(statements: Statements, batch: Batch) -> None:
    """Revoke the enrollments of orders that were refunded or disputed."""
    revoke_enrollments(statements, batch)
