"""Delete rows that are past their retention, a part at a time."""

from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import CursorResult, Delete, delete
from sqlalchemy.orm import Session

from core.jobs.prune import prune as prune_jobs
from core.outcomes import Done, Outcome
from db.models import IdempotencyKey, RateLimit, RefreshToken

# A client may repeat a request with its key for this long.
IDEMPOTENCY_KEPT: Final = timedelta(days=2)
RATE_LIMITS_KEPT: Final = timedelta(hours=1)


def prune(session: Session, now: datetime, job_retention: timedelta) -> Outcome:
    """Delete finished jobs, idempotency keys, rate limit counts and refresh tokens that are no longer needed."""
    pruned = {
        "jobs": prune_jobs(session, now, job_retention),
        "idempotency_keys": _delete(
            session, delete(IdempotencyKey).where(IdempotencyKey.created_at < now - IDEMPOTENCY_KEPT)
        ),
        "rate_limits": _delete(session, delete(RateLimit).where(RateLimit.window_start < now - RATE_LIMITS_KEPT)),
        "refresh_tokens": _delete(session, delete(RefreshToken).where(RefreshToken.expires_at < now)),
    }
    return Done(pruned)


def _delete(session: Session, statement: Delete) -> int:
    return cast("CursorResult[Any]", session.execute(statement)).rowcount
