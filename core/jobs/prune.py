"""Delete finished jobs that have outlived their retention."""

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult
from sqlalchemy.orm import Session

from db.queries import query


def prune(session: Session, now: datetime, retention: timedelta, quota: int = 5000) -> int:
    """Delete up to `quota` jobs that finished before `now - retention`, and return how many."""
    before = now - retention
    params = {"before": before, "before_id": first_id_at(before), "quota": quota}
    return cast("CursorResult[Any]", session.execute(query("jobs/prune"), params)).rowcount


def first_id_at(moment: datetime) -> UUID:
    """The smallest UUIDv7 of a millisecond (RFC 9562, section 5.7)."""
    return UUID(int=(int(moment.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62))
