"""What a worker does with jobs: take a batch, and record what became of it.

Each call is fenced by the lease version of the batch, and none commits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Row
from sqlalchemy.orm import Session

from core.jobs.batch import Batch
from core.jobs.failure_log import log_failed, log_postponed
from core.jobs.isolation import narrower
from db.queries import query

# Exponential backoff with full jitter: a delay drawn evenly between nothing and min(cap, base * 2^attempts) seconds.
BACKOFF_BASE: Final = 1.0
BACKOFF_CAP: Final = 3600.0
# After an external service was unavailable, in seconds: the time that the service asks for, and a delay drawn evenly
# between nothing and as long as the outage has lasted, at least POSTPONE_BASE. The cap lets all jobs run within minutes
# of the end of an outage.
POSTPONE_BASE: Final = 10.0
POSTPONE_CAP: Final = 300.0


@dataclass(frozen=True, slots=True)
class TakenJob:
    """A job that a worker has locked."""

    id: UUID
    payload: Mapping[str, Any]
    profile_id: UUID | None
    attempts: int


def take(session: Session, batch: Batch) -> list[TakenJob]:
    """Lock and read the batch's jobs that are still leased to it."""
    return _taken(session.execute(query("jobs/take"), batch.sql()).all())


def start(session: Session, batch: Batch, lease_seconds: int) -> tuple[Batch, list[TakenJob]]:
    """As `take`, for external calls: raises the lease version and returns the batch with it."""
    rows = session.execute(query("jobs/start"), {**batch.sql(), "lease": lease_seconds}).all()
    jobs = _taken(rows)
    return replace(batch.started(), job_ids=tuple(job.id for job in jobs)), jobs


def count_attempt(session: Session, batch: Batch) -> bool:
    """Count the attempt of a job that is about to run alone; False when its lease was lost."""
    return session.execute(query("jobs/count_attempt"), batch.sql()).first() is not None


def complete(session: Session, batch: Batch, results: Mapping[UUID, Mapping[str, Any] | None]) -> int:
    """Mark jobs of the batch succeeded, each with its result, and return how many were."""
    rows = orjson.dumps([{"id": job_id, "result": result} for job_id, result in results.items()]).decode()
    return session.execute(query("jobs/complete"), {**batch.sql(), "results": rows}).one()[0]


def announce(session: Session, batch: Batch) -> None:
    """Tell the relay that a batch whose jobs were acknowledged one by one has ended."""
    complete(session, batch, {})


def fail(
    session: Session,
    batch: Batch,
    error: str,
    *,
    jitter: float,
    after: timedelta | None = None,
    final: bool = False,
    isolated: bool = True,
) -> list[UUID]:
    """Record a failure: pending again after `after` or the backoff (`jitter` in 0..1), or dead. Returns the dead.

    A `final` one is dead whatever attempts are left. An `isolated` one runs alone from now on: it may harm others.
    """
    rows = session.execute(
        query("jobs/fail"),
        {
            **batch.sql(),
            "counted": batch.uncounted,
            "final": final,
            "isolated": isolated,
            "error": error[:2000],
            "after": after.total_seconds() if after is not None else None,
            "jitter": jitter,
            "base": BACKOFF_BASE,
            "cap": BACKOFF_CAP,
        },
    ).all()
    log_failed(batch.kind, rows, error)
    return [row.id for row in rows if row.dead]


def postpone(
    session: Session, batch: Batch, reason: str, *, jitter: float, after: timedelta | None, give_up_after: timedelta
) -> list[UUID]:
    """An external service was unavailable: pending again, without counting an attempt. Returns the dead.

    It runs again after `after` at the earliest, and later by chance (`jitter` in 0..1). It is dead when the
    service has been unavailable to it for `give_up_after`.
    """
    rows = session.execute(
        query("jobs/postpone"),
        {
            **batch.sql(),
            "started": 1 - batch.uncounted,
            "reason": reason[:2000],
            "after": after.total_seconds() if after is not None else 0.0,
            "jitter": jitter,
            "base": POSTPONE_BASE,
            "cap": POSTPONE_CAP,
            "give_up_after": give_up_after,
        },
    ).all()
    log_postponed(batch.kind, rows, reason)
    return [row.id for row in rows if row.dead]


def split(session: Session, batch: Batch) -> None:
    """The batch failed as a whole: its jobs run isolated, in smaller batches."""
    session.execute(query("jobs/split"), {**batch.sql(), "batch_limit": narrower(len(batch))})


def renew(session: Session, batch: Batch, lease_seconds: int) -> bool:
    """Extend the lease of a long task; False when the batch has lost it and the work should stop."""
    return session.execute(query("jobs/renew_lease"), {**batch.sql(), "lease": lease_seconds}).first() is not None


def report(session: Session, batch: Batch, progress: Mapping[str, Any]) -> None:
    """Store how far a job has come; `progress` is small, such as {"done": 40, "of": 200}."""
    params = {"id": batch.job_ids[0], "lease_version": batch.lease_version, "progress": orjson.dumps(progress).decode()}
    session.execute(query("jobs/report_progress"), params)


def _taken(rows: Sequence[Row[Any]]) -> list[TakenJob]:
    return [TakenJob(row.id, row.payload, row.profile_id, row.attempts) for row in rows]
