from typing import Any
from uuid import UUID

from pydantic import Field

from api.views.base import Time, View
from core.ledger.view import JobView
from db.models import JobState


class JobOut(View):
    """A piece of background work."""

    id: UUID
    kind: str = Field(description="What it does, e.g. `orders.fulfil`.")
    state: JobState
    attempts: int = Field(description="How often it was started, the present attempt included.")
    failures: int
    max_attempts: int = Field(description="After so many failures it is given up.")
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
