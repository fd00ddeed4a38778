from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from api.schemas.base import Schema, Time
from core.replays.start import NewReplay
from db.models import ReplayState, ReplayTarget


class ReplayRequest(NewReplay):
    """A replay of many, or a look at what it would do."""

    dry_run: Annotated[bool, Field(strict=True, description="Only count, and show the first ids.")] = False


class PreviewOut(Schema):
    """What a replay would do."""

    count: int = Field(description="Send it as `expected_count` to start the replay.")
    sample: list[UUID] = Field(description="The first ids.")


class ReplayOut(Schema):
    """A replay of many events or jobs."""

    id: UUID
    target: ReplayTarget
    filter: dict[str, Any]
    reason: str
    created_by: UUID | None
    rate: int
    state: ReplayState
    expected: int = Field(description="How many matched at the start.")
    replayed: int
    skipped: int = Field(description="Those that were being replayed otherwise.")
    last_error: str | None = Field(description="Why it is paused, if a part failed.")
    created_at: Time
    moved_at: Time
    finished_at: Time | None
