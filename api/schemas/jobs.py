from typing import Any
from uuid import UUID

from pydantic import Field

from api.schemas.base import Time, View
from core.jobs.view import JobView
from db.models import JobState


class JobOut(View):
    """A piece of background work."""

    id: UUID
    kind: str = Field(description="What it does, e.g. `orders.fulfil`.")
    state: JobState
    attempts: int = Field(description="Attempts made so far.")
    max_attempts: int = Field(description="After so many attempts it is dead.")
    progress: dict[str, Any] | None
    result: dict[str, Any] | None
    last_error: str | None = Field(description="That an attempt failed; operators are told why.")
    created_at: Time
    run_at: Time = Field(description="When it is due, or was.")
    finished_at: Time | None

    @classmethod
    def of(cls, job: JobView) -> "JobOut":
        """As its owner sees it."""
        return cls.model_validate(job)
