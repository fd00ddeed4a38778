"""Jobs, their kinds and their queues, as an operator looks for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter, eq, ge, lt
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.console.filters import JobFilter
from core.console.matching import contains, matching
from core.jobs.control import check_kinds, kinds_of
from core.paging import Newest, PageRequest, Slice, cut, newest_ids
from core.problems import NotFound
from db.models import Job, JobAttempt
from db.queries import query

# The names of the ids in payloads.
_SUBJECTS: Final = ("order_id", "event_id", "mail_id", "order_item_id", "profile_id", "course_id", "replay_id")


@dataclass(frozen=True, slots=True)
class KindView:
    """One kind: its limits, why it is paused, and how many jobs of it wait, run and are dead.

    `oldest_due_at` is when the job that is due for the longest time was due.
    """

    kind: str
    queue: str
    max_running: int | None
    max_per_key: int | None
    paused_at: datetime | None
    pause_reason: str | None
    pending: int
    running: int
    dead: int
    oldest_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class QueueView:
    """One queue and its kinds."""

    queue: str
    kinds: Sequence[KindView]

    @property
    def names(self) -> Sequence[str]:
        """The names of its kinds."""
        return [kind.kind for kind in self.kinds]

    @property
    def pending(self) -> int:
        """How many jobs wait."""
        return sum(kind.pending for kind in self.kinds)

    @property
    def running(self) -> int:
        """How many jobs run."""
        return sum(kind.running for kind in self.kinds)

    @property
    def dead(self) -> int:
        """How many jobs are dead."""
        return sum(kind.dead for kind in self.kinds)

    @property
    def oldest_due_at(self) -> datetime | None:
        """When the job was due that waits for the longest time."""
        return min((kind.oldest_due_at for kind in self.kinds if kind.oldest_due_at), default=None)

    @property
    def paused(self) -> bool:
        """Whether every kind is paused."""
        return all(kind.paused_at for kind in self.kinds)


def jobs(session: Session, wanted: JobFilter, page: PageRequest[Newest]) -> Slice[Job, Newest]:
    """Jobs that match, the newest first. Raises InputInvalid for an unknown kind or queue."""
    rows = session.scalars(newest_ids(select(Job).where(*job_conditions(session, wanted)), Job.id, page)).all()
    return cut(rows, page, lambda row: (row.created_at, row.id))


def job_conditions(session: Session, wanted: JobFilter) -> list[ColumnElement[bool]]:
    """The filter as conditions on jobs. Raises InputInvalid for an unknown kind or queue."""
    check_kinds(session, [wanted.kind] if wanted.kind else [])
    return matching(
        (Job.state, eq, wanted.state),
        (Job.kind, eq, wanted.kind),
        (Job.kind, _is_one_of, kinds_of(session, wanted.queue) if wanted.queue else None),
        (Job.payload, _names, wanted.subject_id),
        (Job.cause_id, eq, wanted.cause_id),
        (Job.profile_id, eq, wanted.profile_id),
        (Job.last_error, contains, wanted.error),
        (Job.created_at, ge, wanted.since),
        (Job.created_at, lt, wanted.until),
    )


def job_with_attempts(session: Session, job_id: UUID) -> tuple[Job, Sequence[JobAttempt]]:
    """One job and its failed attempts, the oldest first. Raises NotFound."""
    job = session.get(Job, job_id)
    if job is None:
        raise NotFound(f"There is no job {job_id}.")
    attempts = select(JobAttempt).where(JobAttempt.job_id == job_id).order_by(JobAttempt.id)
    return job, session.scalars(attempts).all()


def kinds(session: Session) -> Sequence[KindView]:
    """Every kind, by queue and name."""
    return [KindView(**row) for row in session.execute(query("console/kinds")).mappings()]


def kind_view(session: Session, kind: str) -> KindView:
    """One kind. Raises NotFound."""
    for found in kinds(session):
        if found.kind == kind:
            return found
    raise NotFound(f"There is no kind {kind!r}.")


def queues(session: Session) -> Sequence[QueueView]:
    """Every queue, by name."""
    return [QueueView(name, tuple(of_queue)) for name, of_queue in groupby(kinds(session), key=attrgetter("queue"))]


def queue_view(session: Session, queue: str) -> QueueView:
    """One queue. Raises NotFound."""
    for found in queues(session):
        if found.queue == queue:
            return found
    raise NotFound(f"There is no queue {queue!r}.")


def _is_one_of(column: InstrumentedAttribute[str], names: Sequence[str]) -> ColumnElement[bool]:
    return column.in_(names)


def _names(payload: InstrumentedAttribute[dict[str, Any]], subject_id: UUID) -> ColumnElement[bool]:
    return or_(*(payload[name].astext == str(subject_id) for name in _SUBJECTS))
