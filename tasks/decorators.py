"""Tasks whose jobs are looked at one by one, each with an outcome, in the batch's one transaction."""

from collections.abc import Callable
from typing import Any, TypeVar

from celery import Task
from sqlalchemy.orm import Session

from core.ledger import work
from core.ledger.batch import Batch
from core.ledger.settle import Settled, settle
from core.messages import Message
from core.outcomes import Outcome
from core.wiring import BURIALS
from tasks import runtime
from tasks.base import batch_task

M = TypeVar("M", bound=Message)


def each_task(message: type[M]) -> Callable[[Callable[[Session, M], Outcome]], Task[..., Any]]:
    """A task whose handler says of one message what became of it."""

    def register(handler: Callable[[Session, M], Outcome]) -> Task[..., Any]:
        def handle(session: Session, batch: Batch) -> Settled:
            jobs = work.take(session, batch)
            outcomes = {job.id: handler(session, message.read(job.payload)) for job in jobs}
            return settle(session, batch, outcomes, BURIALS, jitter=runtime.chance.random())

        handle.__doc__ = handler.__doc__
        return batch_task(message)(handle)

    return register
