"""Delete rows that are past their retention, a part at a time."""

from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, CursorResult, Delete, delete
from sqlalchemy.orm import Session

from core.jobs.prune import prune as prune_jobs
from core.outcomes import Done, Outcome
from db.models import Export, Gift, IdempotencyKey, LoginSession, OneTimeToken, RateLimit, RefreshToken

# A client may repeat a request with its key for this long.
IDEMPOTENCY_KEPT: Final = timedelta(days=2)
# The longest window is a day.
RATE_LIMITS_KEPT: Final = timedelta(days=2)
# After their end, so that a person who asks can be told.
SESSIONS_KEPT: Final = timedelta(days=30)
LINKS_KEPT: Final = timedelta(days=7)
# A gift that no account has taken, with its address.
WAITING_GIFTS_KEPT: Final = timedelta(days=90)


def prune(session: Session, now: datetime, job_retention: timedelta) -> Outcome:
    """Delete finished jobs, and keys, counts, tokens, archives and gifts that are no longer needed."""
    pruned = {
        "jobs": prune_jobs(session, now, job_retention),
        "idempotency_keys": _delete(
            session, delete(IdempotencyKey).where(IdempotencyKey.created_at < now - IDEMPOTENCY_KEPT)
        ),
        "rate_limits": _delete(session, delete(RateLimit).where(RateLimit.window_start < now - RATE_LIMITS_KEPT)),
        "gifts": _delete(
            session, delete(Gift).where(Gift.granted_at.is_(None), Gift.created_at < now - WAITING_GIFTS_KEPT)
        ),
        "exports": _delete(session, delete(Export).where(Export.expires_at < now)),
        "sessions": _delete(session, delete(LoginSession).where(_is_over(now))),
        "refresh_tokens": _delete(session, delete(RefreshToken).where(RefreshToken.expires_at < now)),
        "links": _delete(session, delete(OneTimeToken).where(OneTimeToken.expires_at < now - LINKS_KEPT)),
    }
    return Done(pruned)


def _is_over(now: datetime) -> ColumnElement[bool]:
    before = now - SESSIONS_KEPT
    return (LoginSession.expires_at < before) | (LoginSession.ended_at < before)


def _delete(session: Session, statement: Delete) -> int:
    return cast("CursorResult[Any]", session.execute(statement)).rowcount
