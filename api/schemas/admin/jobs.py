from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from api.schemas.admin.base import Paged
from api.schemas.base import Schema, Time
from core.console.filters import JobFilter
from core.inputs import Input
from core.jobs.control import Limits
from core.logs import without_secrets
from core.reasons import Reason
from db.models import Job, JobAttempt, JobState

_Limit = Annotated[int | None, Field(strict=True, ge=1, le=10_000, description="Null is without a limit.")]


class JobsQuery(Paged, JobFilter):
    """A filter and a page of jobs."""


class AttemptOut(Schema):
    """A failed attempt."""

    finished_at: Time
    error: str


class AdminJobOut(Schema):
    """A background job as an operator sees it."""

    id: UUID
    kind: str
    state: JobState
    attempts: int
    max_attempts: int
    payload: dict[str, Any] = Field(description="Values of fields with secret names are left out.")
    cause_id: UUID | None = Field(description="The request, event, checkout or job that caused it.")
    profile_id: UUID | None
    schedule: str | None
    progress: dict[str, Any] | None
    result: dict[str, Any] | None
    last_error: str | None
    created_at: Time
    run_at: Time
    lease_until: Time | None
    finished_at: Time | None

    @classmethod
    def of(cls, row: Job) -> "AdminJobOut":
        """The job as an operator sees it."""
        return AdminJobOut.model_validate(row).model_copy(update={"payload": without_secrets(row.payload)})


class JobWithAttemptsOut(AdminJobOut):
    """A background job with its failed attempts."""

    failed_attempts: list[AttemptOut]

    @classmethod
    def shown(cls, found: tuple[Job, Sequence[JobAttempt]]) -> "JobWithAttemptsOut":
        """The job with its attempts."""
        job, attempts = found
        shown = [AttemptOut.model_validate(one) for one in attempts]
        return cls(**AdminJobOut.of(job).model_dump(), failed_attempts=shown)


class KindOut(Schema):
    """A kind of jobs, and how many jobs of it are unfinished or dead."""

    kind: str
    queue: str
    max_running: int | None = Field(description="How many of its jobs run at once; null is without a limit.")
    max_per_key: int | None
    paused_at: Time | None
    pause_reason: str | None
    pending: int
    running: int
    dead: int
    oldest_due_at: Time | None = Field(description="When the job was due that waits for the longest time.")


class QueueOut(Schema):
    """A queue, and how many jobs of its kinds are unfinished or dead."""

    queue: str
    kinds: list[KindOut]
    paused: bool = Field(description="Whether every kind is paused.")
    pending: int
    running: int
    dead: int
    oldest_due_at: Time | None


class NewLimits(Input):
    """The limits of a kind, both of them; they stay through releases."""

    max_running: _Limit
    max_per_key: _Limit
    reason: Reason

    def limits(self) -> Limits:
        """The limits in terms of the core."""
        return Limits(self.max_running, self.max_per_key)


class ScheduleOut(Schema):
    """A schedule, its last job, and when the next one is due."""

    name: str
    kind: str
    every_seconds: int
    next_due_at: Time
    paused_at: Time | None
    last_job_id: UUID | None
    last_at: Time | None
    last_state: JobState | None
