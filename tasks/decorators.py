"""Decorators that make tasks: each chooses how a handler sees its batch."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from celery import Task, shared_task
from sqlalchemy.orm import Session

from core.cause import caused_by_job
from core.jobs import work
from core.jobs.ack import AckResult, ack
from core.jobs.batch import Batch
from core.jobs.schedules import SCHEDULED
from core.jobs.work import TakenJob
from core.messages import Message
from core.outcomes import Outcome
from core.wiring.handlers import DEAD_JOB_HANDLERS
from db.statements import Statements
from tasks import runner, runtime
from tasks.external import ExternalCall, call_each

M = TypeVar("M", bound=Message)
P = TypeVar("P")
CeleryTask = Task[..., Any]


def statement_task(message: type[Message]) -> Callable[[Callable[[Statements, Batch], None]], CeleryTask]:
    """The handler runs statements for the whole batch; each is a transaction and completes what it did."""

    def register(handler: Callable[[Statements, Batch], None]) -> CeleryTask:
        return _task(message, handler.__doc__, lambda batch: handler(runtime.statements(), batch))

    return register


def batch_task(message: type[Message]) -> Callable[[Callable[[Session, Batch], AckResult | None]], CeleryTask]:
    """The handler acknowledges the whole batch in the one transaction it is given."""

    def register(handler: Callable[[Session, Batch], AckResult | None]) -> CeleryTask:
        def execute(batch: Batch) -> AckResult | None:
            with runtime.sessions().begin() as session:
                return handler(session, batch)

        return _task(message, handler.__doc__, execute)

    return register


def each_task(message: type[M]) -> Callable[[Callable[[Session, M], Outcome]], CeleryTask]:
    """The handler returns an outcome for one message; the batch is one transaction."""

    def register(handler: Callable[[Session, M], Outcome]) -> CeleryTask:
        def execute(session: Session, batch: Batch) -> AckResult:
            jobs = work.take(session, batch)
            outcomes = {job.id: _handled(session, job, handler, message) for job in jobs}
            return ack(session, batch, outcomes, DEAD_JOB_HANDLERS, jitter=runtime.jitter())

        execute.__doc__ = handler.__doc__
        return batch_task(message)(execute)

    return register


def external_task(message: type[M], steps: ExternalCall[M, P]) -> CeleryTask:
    """The work of one message is a call to an external service, made in no transaction."""
    return _task(message, message.__doc__, lambda batch: call_each(batch, message, steps))


def _handled(session: Session, job: TakenJob, handler: Callable[[Session, M], Outcome], message: type[M]) -> Outcome:
    with caused_by_job(job.id):
        return handler(session, message.read(job.payload))


def _task(message: type[Message], doc: str | None, execute: runner.Execute) -> CeleryTask:
    def task(wire: Mapping[str, Any]) -> None:
        runner.run(message, wire, execute)

    task.__doc__ = doc
    # Flower shows what users cause. Housekeeping comes every few seconds; its failures are in the log and the metrics.
    return shared_task(name=message.kind, send_events=message.kind not in SCHEDULED)(task)
