"""What an operator can do to jobs and their kinds. Each action has a reason and is audited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.audit.record import record_action
from core.audit.tags import Tag
from core.jobs.batch import uuid_array
from core.jobs.isolation import REPLAY_LIMIT
from core.jobs.rescue import DeadJobHandlers, on_dead
from core.jobs.states import allowed_from
from core.problems import InputInvalid
from db.models import Job, JobKind
from db.queries import query


@dataclass(frozen=True, slots=True)
class Limits:
    """How many jobs of a kind, and of one `concurrency_key`, run at once; None is without a limit."""

    max_running: int | None
    max_per_key: int | None


def cancel(
    session: Session, handlers: DeadJobHandlers, job_ids: Sequence[UUID], *, actor_id: UUID, reason: str
) -> Sequence[UUID]:
    """Cancel those of the jobs that are not finished, and return them; their domains are told as of dead ones."""
    params = {"ids": uuid_array(job_ids), "reason": reason, "counted": 0, "cancellable": allowed_from("cancel")}
    cancelled = session.execute(query("jobs/cancel"), params).all()
    for job in cancelled:
        record_action(session, Tag.JOB_CANCELLED, job.id, actor_id=actor_id, reason=reason)
        on_dead(session, handlers, job.kind, [job.id])
    return [job.id for job in cancelled]


def replay(session: Session, job_ids: Sequence[UUID], *, actor_id: UUID | None, reason: str) -> Sequence[UUID]:
    """Run those of the jobs again that are finished, and return them.

    A job whose dedupe_key belongs to an unfinished job is left out.
    """
    params = {"ids": uuid_array(job_ids), "finished": allowed_from("replay"), "batch_limit": REPLAY_LIMIT}
    replayed = session.scalars(query("jobs/replay"), params).all()
    for job_id in replayed:
        record_action(session, Tag.JOB_REPLAYED, job_id, actor_id=actor_id, reason=reason)
    return replayed


def run_now(session: Session, job_ids: Sequence[UUID], *, actor_id: UUID, reason: str) -> Sequence[UUID]:
    """Make those of the jobs due that wait for a later time, and return them."""
    later = (Job.state == "pending") & (Job.run_at > func.clock_timestamp())
    hastened = update(Job).where(Job.id.in_(job_ids), later).values(run_at=func.clock_timestamp()).returning(Job.id)
    found = session.scalars(hastened, execution_options={"synchronize_session": False}).all()
    for job_id in found:
        record_action(session, Tag.JOB_RUN_NOW, job_id, actor_id=actor_id, reason=reason)
    return found


def set_limits(session: Session, kind: str, limits: Limits, *, actor_id: UUID, reason: str) -> None:
    """Set how many jobs of a kind run at once; releases keep it. Raises InputInvalid naming a kind that is unknown."""
    check_kinds(session, [kind])
    values = {"max_running": limits.max_running, "max_per_key": limits.max_per_key}
    session.execute(update(JobKind).where(JobKind.kind == kind).values(values))
    data = {"kind": kind, **values}
    record_action(session, Tag.KIND_LIMITED, _subject(kind), actor_id=actor_id, reason=reason, data=data)


def pause(session: Session, kinds: Sequence[str], now: datetime, *, actor_id: UUID, reason: str) -> None:
    """Claim nothing more of these kinds until they are resumed. Raises InputInvalid naming a kind that is unknown."""
    check_kinds(session, kinds)
    session.execute(update(JobKind).where(JobKind.kind.in_(kinds)).values(paused_at=now, pause_reason=reason))
    for kind in kinds:
        record_action(session, Tag.KIND_PAUSED, _subject(kind), actor_id=actor_id, reason=reason, data={"kind": kind})


def resume(session: Session, kinds: Sequence[str], *, actor_id: UUID, reason: str) -> None:
    """Undo `pause`; the relay goes on within a second. Raises InputInvalid likewise."""
    check_kinds(session, kinds)
    session.execute(update(JobKind).where(JobKind.kind.in_(kinds)).values(paused_at=None, pause_reason=None))
    for kind in kinds:
        record_action(session, Tag.KIND_RESUMED, _subject(kind), actor_id=actor_id, reason=reason, data={"kind": kind})


def kinds_of(session: Session, queue: str) -> Sequence[str]:
    """The kinds that travel through a queue. Raises InputInvalid when there is no such queue."""
    kinds = session.scalars(select(JobKind.kind).where(JobKind.queue == queue).order_by(JobKind.kind)).all()
    if not kinds:
        queues = session.scalars(select(JobKind.queue).distinct().order_by(JobKind.queue)).all()
        raise InputInvalid(f"There is no queue {queue!r}; there are {', '.join(queues)}.", field="queue")
    return kinds


def check_kinds(session: Session, kinds: Sequence[str]) -> None:
    """Raise InputInvalid naming a kind that is unknown, and the kinds that there are."""
    if not kinds:
        return
    known = session.scalars(select(JobKind.kind)).all()
    for kind in kinds:
        if kind not in known:
            raise InputInvalid(f"There is no kind {kind!r}; there are {', '.join(sorted(known))}.", field="kind")


def _subject(kind: str) -> UUID:
    return uuid5(NAMESPACE_OID, f"aula:kind:{kind}")
