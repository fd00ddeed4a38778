"""The base of all tasks: everything a job needs around its one call into core.

A run reads as five steps: read the batch, charge it if it runs alone, do the work in one transaction, and on failure
split the company or put the job back, and let Celery show what happened. The truth of it is on the ledger; what is
raised here is for Flower and the log.
"""

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from celery import Task, shared_task
from celery.exceptions import Retry as ShownAsRetry
from sqlalchemy.orm import Session

from core.jobs import work
from core.jobs.ack import AckResult
from core.jobs.batch import Batch
from core.jobs.rescue import on_dead
from core.messages import Message
from core.wiring import DEAD_JOB_HANDLERS
from db.statements import Statements
from tasks import runtime
from tasks.celery_status import show

# Settles its whole batch; what is returned is shown once it is committed.
Handler = Callable[[Session, Batch], AckResult | None]
StatementHandler = Callable[[Statements, Batch], None]
# A handler with its transaction around it.
Act = Callable[[Batch], AckResult | None]

log = structlog.get_logger()


def batch_task(message: type[Message]) -> Callable[[Handler], Task[..., Any]]:
    """A task whose handler settles its whole batch in the transaction it is given."""

    def register(handler: Handler) -> Task[..., Any]:
        def act(batch: Batch) -> AckResult | None:
            with runtime.sessions().begin() as session:
                return handler(session, batch)

        return _register(message, act, handler.__doc__)

    return register


def statement_task(message: type[Message]) -> Callable[[StatementHandler], Task[..., Any]]:
    """A task whose every statement settles what it does, and so is a transaction by itself."""

    def register(handler: StatementHandler) -> Task[..., Any]:
        def act(batch: Batch) -> None:
            handler(runtime.statements(), batch)

        return _register(message, act, handler.__doc__)

    return register


def _register(message: type[Message], act: Act, doc: str | None) -> Task[..., Any]:
    def run(wire: Mapping[str, Any]) -> None:
        run_batch(Batch.from_wire(message.kind, wire), act)

    run.__doc__ = doc
    return shared_task(name=message.kind)(run)


def run_batch(batch: Batch, act: Act) -> None:
    """Run a batch. Raises Celery's Retry when it will run again, or the error when it is dead."""
    if batch.isolated and not start_attempt(batch):
        return
    try:
        acked = act(batch)
    except Exception as error:
        put_back(batch, error)
        raise
    if acked:
        show(acked)


def start_attempt(batch: Batch) -> bool:
    """Charge a isolated job for the run about to start; False when it is no longer this attempt's to run."""
    with runtime.sessions().begin() as session:
        return work.count_attempt(session, batch)


def put_back(batch: Batch, error: Exception) -> None:
    """Split a batch that failed, or record a single job's failure. Raises Celery's Retry unless the job is dead."""
    log.warning("batch failed", kind=batch.kind, batch=str(batch.id), jobs=len(batch), error=describe(error))
    with runtime.sessions().begin() as session:
        if len(batch) > 1:
            work.split(session, batch)
            raise_after_commit = ShownAsRetry(f"{len(batch)} jobs run one by one: {describe(error)}", exc=error)
        else:
            dead = work.fail(session, batch, describe(error), jitter=runtime.chance.random())
            on_dead(session, DEAD_JOB_HANDLERS, batch.kind, dead)
            raise_after_commit = None if dead else ShownAsRetry(describe(error), exc=error)
    if raise_after_commit:
        raise raise_after_commit from error


def describe(error: BaseException) -> str:
    """An error as the ledger keeps it: its type and first line, for people; the log has the rest."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
