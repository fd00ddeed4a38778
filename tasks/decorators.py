"""Tasks whose jobs are looked at one by one, each with an outcome, in the batch's one transaction."""

from collections.abc import Callable
from typing import Any, TypeVar

from celery import Task
from sqlalchemy.orm import Session

from core.jobs import work
from core.jobs.ack import AckResult, ack
from core.jobs.batch import Batch
from core.messages import Message
from core.outcomes import Outcome
from core.wiring import DEAD_JOB_HANDLERS
from tasks import runtime
from tasks.base import batch_task

M = TypeVar("M", bound=Message)


def each_task(message: type[M]) -> Callable[[Callable[[Session, M], Outcome]], Task[..., Any]]:
    """A task whose handler says of one message what became of it."""

    def register(handler: Callable[[Session, M], Outcome]) -> Task[..., Any]:
        def handle(session: Session, batch: Batch) -> AckResult:
            jobs = work.take(session, batch)
            outcomes = {job.id: handler(session, message.read(job.payload)) for job in jobs}
            return ack(session, batch, outcomes, DEAD_JOB_HANDLERS, jitter=runtime.chance.random())

        handle.__doc__ = handler.__doc__
        return batch_task(message)(handle)

    return register
