from typing import Any
from uuid import UUID

from pydantic import Field

from api.schemas.base import Schema, Time
from core.jobs.view import JobView
from db.models import JobState


class JobOut(Schema):
    """A background job."""

    id: UUID
    kind: str = Field(description="What the job does, such as `orders.fulfil`.")
    state: JobState
    attempts: int = Field(description="Attempts made so far.")
    max_attempts: int = Field(description="After this many attempts the job is dead.")
    progress: dict[str, Any] | None
    result: dict[str, Any] | None
    last_error: str | None = Field(description="Says that an attempt failed; operators see the reason.")
    created_at: Time
    run_at: Time = Field(description="When the job is or was due.")
    finished_at: Time | None

    @classmethod
    def of(cls, job: JobView) -> "JobOut":
        """The job as its owner sees it."""
        return cls.model_validate(job)
