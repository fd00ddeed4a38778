from typing import Any
from uuid import UUID

from pydantic import Field

from api.schemas.base import Schema, Time
from core.jobs.view import JobView, WaitsFor
from db.models import JobState


class JobOut(Schema):
    """A background job."""

    id: UUID
    kind: str = Field(description="What the job does, such as `orders.fulfil`.")
    state: JobState
    attempts: int = Field(description="Attempts made so far, a successful one included.")
    max_attempts: int = Field(description="When an attempt fails and this many were made, the job is dead.")
    progress: dict[str, Any] | None
    result: dict[str, Any] | None
    last_error: str | None = Field(
        description="Says that the last attempt failed; operators see the reason. Null after a success."
    )
    created_at: Time
    run_at: Time = Field(description="When the job is or was due.")
    finished_at: Time | None
    waits_for: WaitsFor | None = Field(
        description="Why a pending job has not started: its kind is `paused`, an external service did not answer and "
        "is called again at `run_at` (`gateway`), a failed attempt is retried then (`backoff`), `run_at` has not come "
        "(`scheduled`), a limit is reached (`limited`), or it is `due` and starts next. Null in other states."
    )

    @classmethod
    def of(cls, job: JobView) -> "JobOut":
        """The job as its owner sees it."""
        return cls.model_validate(job)
