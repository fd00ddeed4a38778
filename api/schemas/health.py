from typing import Annotated, Literal

from pydantic import Field

from api.schemas.base import Schema

_Seconds = Annotated[float | None, Field(description="Seconds; null when nothing waits.")]


class AliveOut(Schema):
    """The process runs."""

    status: Literal["ok"] = "ok"


class ReadyOut(Schema):
    """Whether the system is ready for new work, and the measured values."""

    status: Literal["ready", "not_ready"]
    database: bool
    migrated: bool = Field(description="Whether the database's schema is of this release, or of a later one.")
    relay: bool = Field(description="Whether a relay is connected to the database.")
    oldest_due_job: _Seconds
    oldest_unprocessed_event: _Seconds
    open_findings: int = Field(description="What a person must look at.")
