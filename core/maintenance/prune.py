"""Delete rows that are past their retention, a part at a time."""

from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, CursorResult, Delete, delete
from sqlalchemy.orm import Session

from core.accounts.prune_unproven import prune_unproven
from core.jobs.prune import prune as prune_jobs
from core.outcomes import Done, Outcome
from db.models import Export, Gift, IdempotencyKey, LoginSession, OneTimeToken, RateLimit, RefreshToken, TotpFactor

# A client may repeat a request with its key for this long.
IDEMPOTENCY_KEPT: Final = timedelta(days=2)
# The longest window is a day.
RATE_LIMITS_KEPT: Final = timedelta(days=2)
# After their end, so that a person who asks can be told.
SESSIONS_KEPT: Final = timedelta(days=30)
LINKS_KEPT: Final = timedelta(days=7)
# A second factor that was started and not confirmed; it can be confirmed for an hour.
STARTED_FACTORS_KEPT: Final = timedelta(days=1)
# A gift that no account has taken, with its address.
WAITING_GIFTS_KEPT: Final = timedelta(days=90)


def prune(session: Session, now: datetime, job_retention: timedelta) -> Outcome:
    """Delete finished jobs, unproven accounts, and keys, counts, tokens, archives and gifts that are not needed."""
    pruned = {
        "jobs": prune_jobs(session, now, job_retention),
        "unproven_accounts": prune_unproven(session, now),
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
        "second_factors": _delete(
            session,
            delete(TotpFactor).where(
                TotpFactor.confirmed_at.is_(None), TotpFactor.started_at < now - STARTED_FACTORS_KEPT
            ),
        ),
        "links": _delete(session, delete(OneTimeToken).where(OneTimeToken.expires_at < now - LINKS_KEPT)),
    }
    return Done(pruned)


def _is_over(now: datetime) -> ColumnElement[bool]:
    before = now - SESSIONS_KEPT
    return (LoginSession.expires_at < before) | (LoginSession.ended_at < before)


def _delete(session: Session, statement: Delete) -> int:
    return cast("CursorResult[Any]", session.execute(statement)).rowcount
