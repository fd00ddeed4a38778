"""Tasks that call the outside: prepared in one transaction, called side by side in none, finished each in its own."""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

import structlog
from celery import Task, shared_task
from sqlalchemy.orm import Session

from core.gateways.ports import GatewayError, GatewayRejected
from core.ledger import work
from core.ledger.batch import Batch
from core.ledger.settle import Settled, settle
from core.messages import Message
from core.outcomes import Done, GiveUp, Outcome, Retry
from core.wiring import BURIALS
from tasks import runtime
from tasks.base import charged, describe, put_back
from tasks.shown import show

# Calls of one batch that are under way at once.
SIDE_BY_SIDE: Final = 16

M = TypeVar("M", bound=Message)
P = TypeVar("P")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outside(Generic[M, P]):
    """The three steps of a call to the outside.

    `prepare` stores the intent and says what to call (None: nothing left to do), `call` calls, with an idempotency
    key of the job's own, and `finish` records the success.
    """

    prepare: Callable[[Session, M], P | None]
    call: Callable[[P], None]
    finish: Callable[[Session, P], None]


def outside_task(message: type[M], steps: Outside[M, P]) -> Task[..., Any]:
    """Register the task of a message whose work is a call to the outside."""

    def run(wire: Mapping[str, Any]) -> None:
        batch = Batch.from_wire(message.kind, wire)
        if batch.solo and not charged(batch):
            return
        try:
            started, planned = _prepare(batch, message, steps)
        except Exception as error:
            put_back(batch, error)
            raise
        show(_call_all(started, planned, steps))

    return shared_task(name=message.kind)(run)


def _prepare(batch: Batch, message: type[M], steps: Outside[M, P]) -> tuple[Batch, dict[UUID, P | None]]:
    with runtime.sessions().begin() as session:
        started, jobs = work.start(session, batch, runtime.config().lease_seconds)
        return started, {job.id: steps.prepare(session, message.read(job.payload)) for job in jobs}


def _call_all(batch: Batch, planned: Mapping[UUID, P | None], steps: Outside[M, P]) -> Settled:
    """Call for each job and finish it as soon as its call has ended."""
    settled = Settled()
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        calls = {pool.submit(_call, steps, plan): job_id for job_id, plan in planned.items()}
        try:
            for job_id, error in _as_they_end(batch, calls):
                settled += _finish(batch.alone(job_id), planned[job_id], error, steps)
        except BaseException:
            # The ledger is out of reach: what has not been called is left to the attempt after this one.
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    if len(batch) > 1:
        with runtime.sessions().begin() as session:
            work.announce(session, batch)
    return settled


def _call(steps: Outside[M, P], plan: P | None) -> None:
    if plan is not None:
        steps.call(plan)


def _as_they_end(batch: Batch, calls: Mapping[Future[None], UUID]) -> Iterator[tuple[UUID, BaseException | None]]:
    """Each job with its call's error, if any; the lease is renewed while calls are under way."""
    lease = runtime.config().lease_seconds
    renewed = time.monotonic()
    waiting = set(calls)
    while waiting:
        ended, waiting = wait(waiting, timeout=lease / 3, return_when=FIRST_COMPLETED)
        if time.monotonic() - renewed >= lease / 3:
            with runtime.sessions().begin() as session:
                work.renew(session, batch, lease)
            renewed = time.monotonic()
        for call in ended:
            yield calls[call], call.exception()


def _finish(one: Batch, plan: P | None, error: BaseException | None, steps: Outside[M, P]) -> Settled:
    """Settle one job. A `finish` that fails is this job's failure and nobody else's."""
    if error is not None:
        if not isinstance(error, GatewayError):
            log.error("call failed", kind=one.kind, job=str(one.id), exc_info=error)
        hopeless = isinstance(error, GatewayRejected)
        return _settle(one, GiveUp(describe(error)) if hopeless else Retry(describe(error)))
    try:
        with runtime.sessions().begin() as session:
            if plan is not None:
                steps.finish(session, plan)
            return settle(session, one, {one.id: Done()}, BURIALS, jitter=runtime.chance.random())
    except Exception as unfinished:
        log.exception("call not finished", kind=one.kind, job=str(one.id))
        return _settle(one, Retry(describe(unfinished)))


def _settle(one: Batch, outcome: Outcome) -> Settled:
    with runtime.sessions().begin() as session:
        return settle(session, one, {one.id: outcome}, BURIALS, jitter=runtime.chance.random())
