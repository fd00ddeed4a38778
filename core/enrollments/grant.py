"""Enroll the buyers of courses."""

from core.jobs.batch import Batch
from db.statements import Statements


def grant(statements: Statements, batch: Batch) -> None:
    """Grant a batch of enrollments in one statement, its jobs' completion and the next jobs included."""
    statements.run("enrollments/grant", batch.sql())
