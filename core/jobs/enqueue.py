"""Enqueue jobs in the caller's transaction: a job exists if, and only if, its cause was committed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from core.cause import cause_id
from core.messages import Message
from db.queries import query

HIGH: Final = 0
NORMAL: Final = 1
LOW: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A message, and how its job runs.

    `run_at` None means now. `dedupe_key` is unique among unfinished jobs. Of jobs with one `concurrency_key` only as
    many run at once as their kind's `max_per_key` allows. The profile `profile_id` may see the job. `cause_id` None
    means the request or job that runs now.
    """

    message: Message
    id: UUID | None = None
    run_at: datetime | None = None
    priority: int = NORMAL
    max_attempts: int = 20
    dedupe_key: str | None = None
    concurrency_key: str | None = None
    profile_id: UUID | None = None
    cause_id: UUID | None = None


def enqueue(session: Session, *jobs: NewJob | Message) -> Sequence[UUID]:
    """Insert jobs and return their ids; one whose `dedupe_key` an unfinished job has is left out."""
    rows = [_row(job if isinstance(job, NewJob) else NewJob(message=job)) for job in jobs]
    return session.scalars(query("jobs/enqueue"), {"jobs": orjson.dumps(rows).decode()}).all()


def _row(job: NewJob) -> dict[str, object]:
    return {
        "id": job.id,
        "kind": job.message.kind,
        "payload": job.message.payload(),
        "priority": job.priority,
        "run_at": job.run_at,
        "max_attempts": job.max_attempts,
        "dedupe_key": job.dedupe_key,
        "concurrency_key": job.concurrency_key,
        "profile_id": job.profile_id,
        "cause_id": job.cause_id or cause_id(),
    }
