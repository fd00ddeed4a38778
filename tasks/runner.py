"""Runs the batch of a Celery message. Its results are in app.jobs; what is raised here is for Flower and the log."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from celery.exceptions import Retry as CeleryRetry

from core.jobs import work
from core.jobs.ack import AckResult
from core.jobs.batch import Batch
from core.jobs.failure_log import describe
from core.jobs.rescue import on_dead
from core.messages import Message
from core.wiring.handlers import DEAD_JOB_HANDLERS
from tasks import runtime
from tasks.celery_status import report

# Does a batch's work, in transactions of its own; None when every job of it succeeded.
Execute = Callable[[Batch], AckResult | None]

log = structlog.get_logger()


def run(message: type[Message], wire: Mapping[str, Any], execute: Execute) -> None:
    """Run one batch. Raises Celery's Retry when jobs of it will run again, or an error when they are dead."""
    batch = read(message, wire)
    if not start_attempt(batch):
        return
    try:
        result = execute(batch)
    except Exception as error:
        record_failure(batch, error)
        raise
    report(result)


def read(message: type[Message], wire: Mapping[str, Any]) -> Batch:
    """The batch in a Celery message."""
    return Batch.from_wire(message.kind, wire)


def start_attempt(batch: Batch) -> bool:
    """Count an isolated job's attempt before it runs; False when the batch has lost its lease."""
    if not batch.isolated:
        return True
    with runtime.sessions().begin() as session:
        return work.count_attempt(session, batch)


def record_failure(batch: Batch, error: Exception) -> None:
    """Split a batch that failed, or record a single job's failure. Raises Celery's Retry unless the job is dead."""
    reason = describe(error)
    if len(batch) > 1:
        log.warning("batch failed", kind=batch.kind, batch=str(batch.id), jobs=len(batch), exc_info=error)
    with runtime.sessions().begin() as session:
        if len(batch) > 1:
            work.split(session, batch)
            message, dead = f"{len(batch)} jobs run one by one: {reason}", False
        else:
            ids = work.fail(session, batch, reason, jitter=runtime.jitter())
            on_dead(session, DEAD_JOB_HANDLERS, batch.kind, ids)
            message, dead = reason, bool(ids)
    if not dead:
        raise CeleryRetry(message, exc=error) from error
