"""Act on outcomes: what a handler says of each job becomes its state."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from core.ledger import work
from core.ledger.batch import Batch, uuid_array
from core.ledger.rescuer import Burials, bury
from core.outcomes import Cancel, Done, GiveUp, Outcome, Retry
from db.queries import query


@dataclass(frozen=True, slots=True)
class Settled:
    """The reasons of those jobs that run again, and of those that are given up."""

    again: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()

    def __add__(self, other: "Settled") -> "Settled":
        return Settled(self.again + other.again, self.dead + other.dead)


def settle(
    session: Session, batch: Batch, outcomes: Mapping[UUID, Outcome], burials: Burials, *, jitter: float
) -> Settled:
    """Write each job's outcome; `jitter` in 0..1 spreads the retries."""
    settled = Settled()
    done = {job_id: outcome.result for job_id, outcome in outcomes.items() if isinstance(outcome, Done)}
    work.complete(session, batch, done)
    for job_id, outcome in outcomes.items():
        match outcome:
            case Done():
                pass
            case Retry(reason, after):
                dead = work.fail(session, batch.alone(job_id), reason, jitter=jitter, after=after)
                bury(session, burials, batch.kind, dead)
                settled += Settled(dead=(reason,)) if dead else Settled(again=(reason,))
            case GiveUp(reason):
                dead = work.fail(session, batch.alone(job_id), reason, jitter=jitter, final=True)
                bury(session, burials, batch.kind, dead)
                settled += Settled(dead=(reason,) * len(dead))
            case Cancel(reason):
                # The statement is the operator's and knows no attempt: only who still holds the job may cancel it.
                held = [job.id for job in work.take(session, batch.alone(job_id))]
                session.execute(query("ledger_cancel"), {"ids": uuid_array(held), "reason": reason})
                bury(session, burials, batch.kind, held)
    return settled
