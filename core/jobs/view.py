"""A job as its owner may see it, without its payload and without errors meant for operators."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from core.identity import Identity
from core.jobs.states import FINISHED
from core.problems import NotFound
from db.models import JobState
from db.queries import query

_QUERY = "jobs/view"

# Why a pending job has not started: its kind is paused; `run_at` has not come, after an external service did not answer
# (gateway), after a failed attempt (backoff) or neither (scheduled); as many of its kind or concurrency key run as may
# (limited); or it is due, and the relay takes it next.
WaitsFor = Literal["paused", "gateway", "backoff", "scheduled", "limited", "due"]


@dataclass(frozen=True, slots=True)
class JobView:
    """One job; operators see its `last_error`, others only that there was one. `waits_for` is None unless pending."""

    id: UUID
    kind: str
    state: JobState
    attempts: int
    max_attempts: int
    progress: Mapping[str, Any] | None
    result: Mapping[str, Any] | None
    last_error: str | None
    created_at: datetime
    run_at: datetime
    finished_at: datetime | None
    waits_for: WaitsFor | None

    @property
    def finished(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.state in FINISHED


def job_for(session: Session, job_id: UUID, reader: Identity) -> JobView:
    """A job of the reader's own, or any for an operator. Raises NotFound."""
    asked = {"id": job_id, "reader": reader.profile_id, "operator": reader.is_operator}
    row = session.execute(query(_QUERY), asked).mappings().one_or_none()
    if row is None:
        raise NotFound(f"You have no job {job_id}.")
    return JobView(**row)
