from typing import Literal
from uuid import UUID

from pydantic import Field

from api.schemas.base import Schema, Time
from db.models import Export

ExportState = Literal["building", "ready"]


class ExportOut(Schema):
    """An archive of what is kept about the caller."""

    id: UUID
    state: ExportState = Field(description="`building` until its job has made it, then `ready`.")
    requested_at: Time
    ready_at: Time | None
    expires_at: Time | None = Field(description="Until when it can be downloaded; null while it is built.")

    @classmethod
    def of(cls, export: Export) -> "ExportOut":
        """The archive as its owner sees it."""
        return cls(
            id=export.id,
            state="ready" if export.ready_at else "building",
            requested_at=export.requested_at,
            ready_at=export.ready_at,
            expires_at=export.expires_at,
        )
