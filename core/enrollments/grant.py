"""Enroll the buyers of courses."""

from core.jobs.batch import Batch
from db.statements import Statements


def grant(statements: Statements, batch: Batch) -> None:
    """Grant a batch of enrollments, enqueue the next jobs and complete the batch, in one statement."""
    statements.run("enrollments/grant", batch.sql())
