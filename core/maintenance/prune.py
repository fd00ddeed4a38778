"""Delete rows that are past their retention: a part in each job, and the next job follows while there is more."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import CursorResult
from sqlalchemy.orm import Session

from core.ids import first_id_at
from core.jobs.enqueue import enqueue
from core.messages import Prune
from core.outcomes import Done, Outcome
from core.retention import Retention
from db.queries import query

# Rows of one table in one job: a commit takes a fraction of a second. The relay claims this kind once a second, so
# pruning keeps up with 5,000 rows a second of each table.
QUOTA: Final = 5_000


@dataclass(frozen=True, slots=True)
class Pruned:
    """Rows of a table that are deleted: by which statement, and which setting has the days; none without one."""

    table: str
    statement: str
    setting: str | None = None


# By name, in the order in which they are deleted.
PRUNED: Final = {
    "jobs": Pruned("jobs", "jobs/prune", "job_retention_days"),
    "dead_jobs": Pruned("jobs", "jobs/prune_dead", "dead_job_retention_days"),
    "events": Pruned("webhook_events", "webhooks/prune", "event_retention_days"),
    "mails": Pruned("mail_messages", "mail/prune", "mail_retention_days"),
    "unproven_accounts": Pruned("profiles", "accounts/prune_unproven", "unproven_retention_days"),
    "idempotency_keys": Pruned("idempotency_keys", "idempotency/prune", "idempotency_retention_days"),
    "rate_limits": Pruned("rate_limits", "accounts/prune_rate_limits", "rate_limit_retention_days"),
    "sessions": Pruned("sessions", "accounts/prune_sessions", "session_retention_days"),
    "refresh_tokens": Pruned("refresh_tokens", "accounts/prune_refresh_tokens", "refresh_token_days"),
    "second_factors": Pruned("totp_factors", "accounts/prune_started_factors", "started_factor_retention_days"),
    "links": Pruned("one_time_tokens", "accounts/prune_links", "link_retention_days"),
    "gifts": Pruned("gifts", "enrollments/prune_gifts", "gift_retention_days"),
    "exports": Pruned("exports", "privacy/prune_exports"),
}


def prune(session: Session, now: datetime, kept: Retention, quota: int = QUOTA) -> Outcome:
    """Delete at most `quota` rows of each kind, and enqueue the next part if there may be more. Returns the numbers."""
    pruned = {name: prune_rows(session, name, now, kept, quota) for name in PRUNED}
    if any(rows >= quota for rows in pruned.values()):
        enqueue(session, Prune())
    return Done(pruned)


def prune_rows(session: Session, name: str, now: datetime, kept: Retention, quota: int = QUOTA) -> int:
    """Delete at most `quota` rows of one kind, and return how many."""
    rule = PRUNED[name]
    before = now - timedelta(days=getattr(kept, rule.setting) if rule.setting else 0)
    params = {"before": before, "before_id": first_id_at(before), "now": now, "quota": quota}
    return cast("CursorResult[Any]", session.execute(query(rule.statement), params)).rowcount
