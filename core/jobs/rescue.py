"""Rescue lost jobs: their lease ran out, their process died, or the broker was wiped."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Row
from sqlalchemy.orm import Session

from core.jobs.batch import Batch
from core.jobs.failure_log import log_failed
from core.jobs.isolation import LIMITS, MAX_DEATHS, narrower
from core.messages import MESSAGES
from db.queries import query

# What a domain does when jobs of its kind are dead.
DeadJobHandler = Callable[[Session, Sequence[UUID]], None]
DeadJobHandlers = Mapping[str, DeadJobHandler]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rescued:
    """How many jobs run again, of which kinds, and how many are dead."""

    kinds: frozenset[str]
    pending: int
    dead: int


def rescue(session: Session, handlers: DeadJobHandlers, quota: int = 1000) -> Rescued:
    """Rescue at most `quota` jobs of each kind whose lease ran out; those with no attempt left are dead."""
    params = {"quota": quota, "limits": list(LIMITS), "max_deaths": MAX_DEATHS}
    return _rescued(session, handlers, session.execute(query("jobs/rescue"), params).all())


def requeue_lost(session: Session, handlers: DeadJobHandlers, batch: Batch, error: str) -> Rescued:
    """The process that ran `batch` died: its jobs run again, isolated in smaller batches, or are dead."""
    params = {**batch.sql(), "error": error, "batch_limit": narrower(len(batch)), "max_deaths": MAX_DEATHS}
    rows = session.execute(query("jobs/requeue_lost"), params).all()
    return _rescued(session, handlers, rows)


def rescue_all(session: Session) -> Rescued:
    """The broker was wiped: rescue every dispatched job that no worker has locked.

    External calls are left to their leases: a lost message looks the same as a call that is under way.
    """
    external = [message.kind for message in MESSAGES.values() if message.external_call]
    rows = session.execute(query("jobs/rescue_all"), {"external": external}).all()
    return Rescued(frozenset(row.kind for row in rows), len(rows), 0)


def on_dead(session: Session, handlers: DeadJobHandlers, kind: str, job_ids: Sequence[UUID]) -> None:
    """Tell the domain of `kind` that these jobs are dead. An error of its own is logged and undoes nothing else."""
    if not job_ids or kind not in handlers:
        return
    try:
        with session.begin_nested():
            handlers[kind](session, job_ids)
    except Exception:
        log.exception("dead job handler failed", kind=kind, jobs=[str(job_id) for job_id in job_ids])


def _rescued(session: Session, handlers: DeadJobHandlers, rows: Sequence[Row[Any]]) -> Rescued:
    dead: defaultdict[str, list[UUID]] = defaultdict(list)
    for row in rows:
        log_failed(row.kind, [row], row.last_error)
        if row.dead:
            dead[row.kind].append(row.id)
    for kind, ids in dead.items():
        on_dead(session, handlers, kind, ids)
    dead_count = sum(map(len, dead.values()))
    return Rescued(frozenset(row.kind for row in rows), len(rows) - dead_count, dead_count)
