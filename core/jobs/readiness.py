"""Whether the system is ready, read from PostgreSQL alone: the HTTP edge never asks the broker."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from db.queries import query
from db.revision import is_new_enough, revision_of

MAX_WAIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """Ages in seconds; None when nothing waits. Open findings do not make the system less ready."""

    database: bool = True
    migrated: bool = False
    relay: bool = False
    oldest_due_job: float | None = None
    oldest_unprocessed_event: float | None = None
    open_findings: int = 0

    @property
    def ready(self) -> bool:
        """Whether every part that a purchase needs is working."""
        waits = (self.oldest_due_job or 0.0, self.oldest_unprocessed_event or 0.0)
        return self.database and self.migrated and self.relay and max(waits) <= MAX_WAIT_SECONDS

    @property
    def status(self) -> str:
        """`ready` or `not_ready`."""
        return "ready" if self.ready else "not_ready"


def measure_readiness(session: Session, now: datetime) -> Readiness:
    """Whether the schema is new enough, a relay listens, and how long the oldest job and event have waited."""
    if not is_new_enough(revision_of(session)):
        return Readiness()
    row = session.execute(query("jobs/readiness"), {"now": now}).one()
    return Readiness(True, True, row.relay, row.oldest_due_job, row.oldest_unprocessed_event, row.open_findings)
