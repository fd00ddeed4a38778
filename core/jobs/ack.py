"""Acknowledge jobs: the outcome that a handler returned becomes the state of its job."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from core.jobs import work
from core.jobs.batch import Batch, uuid_array
from core.jobs.rescue import DeadJobHandlers, on_dead
from core.messages import MESSAGES
from core.outcomes import Cancel, Discard, Done, Outcome, Postpone, Retry
from db.queries import query


@dataclass(frozen=True, slots=True)
class AckResult:
    """The reasons of the jobs that run again, and of those that are dead."""

    again: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()

    def __add__(self, other: "AckResult") -> "AckResult":
        return AckResult(self.again + other.again, self.dead + other.dead)


def ack(
    session: Session, batch: Batch, outcomes: Mapping[UUID, Outcome], handlers: DeadJobHandlers, *, jitter: float
) -> AckResult:
    """Write each job's outcome; `jitter` in 0..1 spreads the retries."""
    acked = AckResult()
    done = {job_id: outcome.result for job_id, outcome in outcomes.items() if isinstance(outcome, Done)}
    work.complete(session, batch, done)
    for job_id, outcome in outcomes.items():
        match outcome:
            case Done():
                pass
            case Retry(reason, after):
                dead = work.fail(session, batch.alone(job_id), reason, jitter=jitter, after=after, isolated=False)
                on_dead(session, handlers, batch.kind, dead)
                acked += AckResult(dead=(reason,)) if dead else AckResult(again=(reason,))
            case Postpone(reason, after):
                limit = MESSAGES[batch.kind].give_up_after
                dead = work.postpone(
                    session, batch.alone(job_id), reason, jitter=jitter, after=after, give_up_after=limit
                )
                on_dead(session, handlers, batch.kind, dead)
                acked += AckResult(dead=(reason,)) if dead else AckResult(again=(reason,))
            case Discard(reason):
                dead = work.fail(session, batch.alone(job_id), reason, jitter=jitter, final=True)
                on_dead(session, handlers, batch.kind, dead)
                acked += AckResult(dead=(reason,) * len(dead))
            case Cancel(reason):
                # The statement does not check the lease: cancel only what this batch still holds.
                leased = [job.id for job in work.take(session, batch.alone(job_id))]
                params = {"ids": uuid_array(leased), "reason": reason, "cancellable": ["dispatched"]}
                session.execute(query("jobs/cancel"), {**params, "counted": batch.uncounted})
                on_dead(session, handlers, batch.kind, leased)
    return acked
