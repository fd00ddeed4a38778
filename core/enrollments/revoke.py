"""Revoke enrollments whose order entitles to nothing any more."""

from core.jobs.batch import Batch
from db.statements import Statements


def revoke(statements: Statements, batch: Batch) -> None:
    """Revoke the enrollments of a batch of orders and complete the batch, in one statement."""
    statements.run("enrollments/revoke", batch.sql())
