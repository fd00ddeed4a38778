from typing import Any
from uuid import UUID

from pydantic import Field

from api.schemas.admin.base import Paged
from api.schemas.base import Schema, Time
from core.console.filters import FindingFilter
from core.findings.kinds import MEANINGS, Action, Kind
from db.models import Finding, FindingResolution


class FindingsQuery(Paged, FindingFilter):
    """A filter and a page of findings."""


class FindingOut(Schema):
    """What a person must look at."""

    id: UUID
    kind: str
    meaning: str = Field(description="What it means, and what to do.")
    actions: list[Action] = Field(description="What can be done by `POST /admin/findings/{id}/{action}`.")
    subject: str = Field(description="What `subject_id` names.")
    subject_id: UUID
    order_id: UUID | None
    details: dict[str, Any]
    opened_at: Time
    last_seen_at: Time
    times_seen: int
    closed_at: Time | None
    closed_by: UUID | None
    resolution: FindingResolution | None
    close_reason: str | None

    @classmethod
    def of(cls, row: Finding) -> "FindingOut":
        """The finding as an operator sees it."""
        meaning = MEANINGS[Kind(row.kind)]
        values = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        return cls(**values, meaning=meaning.text, actions=list(meaning.actions), subject=meaning.subject)
