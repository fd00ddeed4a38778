from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from api.schemas.admin.base import Paged
from api.schemas.base import Schema, Time
from core.console.audit import MAX_EXPORT
from core.console.filters import AuditFilter


class AuditQuery(Paged, AuditFilter):
    """A filter and a page of audit entries."""


class ExportQuery(AuditFilter):
    """A filter, and how much to export."""

    limit: Annotated[int, Field(ge=1, le=MAX_EXPORT)] = 10_000
    after: UUID | None = Field(default=None, description="The id of the last exported entry, to go on after it.")


class AuditEntryOut(Schema):
    """An entry of the audit log."""

    id: UUID
    at: Time
    tag: str
    actor_id: UUID | None
    subject_id: UUID
    data: dict[str, Any]
    seq: int | None = Field(description="Its place in the hash chain; null until it is sealed.")


class VerificationOut(Schema):
    """Whether the hash chain holds."""

    entries: int = Field(description="How many sealed entries are in order.")
    anchors: int = Field(description="How many anchors outside the database agree with it.")
    fault: str | None = Field(description="Where and how the chain is broken, or why the anchors are not believed.")
