"""Enroll the buyers of courses."""

from sqlalchemy.orm import Session

from core.ledger.batch import Batch
from db.queries import query


def grant(session: Session, batch: Batch) -> None:
    """Grant a batch of enrollments in one statement, its jobs' completion and the next jobs included."""
    session.execute(query("enrollments_grant"), batch.sql())
