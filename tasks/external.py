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

from core.jobs import work
from core.jobs.ack import AckResult, ack
from core.jobs.batch import Batch
from core.messages import Message
from core.outcomes import Discard, Done, Outcome, Retry
from core.ports.errors import GatewayError, GatewayRejected
from core.wiring import DEAD_JOB_HANDLERS
from tasks import runtime
from tasks.base import describe, put_back, start_attempt
from tasks.celery_status import show

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


def external_task(message: type[M], steps: Outside[M, P]) -> Task[..., Any]:
    """Register the task of a message whose work is a call to the outside."""

    def run(wire: Mapping[str, Any]) -> None:
        batch = Batch.from_wire(message.kind, wire)
        if batch.isolated and not start_attempt(batch):
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


def _call_all(batch: Batch, planned: Mapping[UUID, P | None], steps: Outside[M, P]) -> AckResult:
    """Call for each job and finish it as soon as its call has ended."""
    acked = AckResult()
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        calls = {pool.submit(_call, steps, plan): job_id for job_id, plan in planned.items()}
        try:
            for job_id, error in _as_they_end(batch, calls):
                acked += _finish(batch.alone(job_id), planned[job_id], error, steps)
        except BaseException:
            # The ledger is out of reach: what has not been called is left to the attempt after this one.
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    if len(batch) > 1:
        with runtime.sessions().begin() as session:
            work.announce(session, batch)
    return acked


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


def _finish(one: Batch, plan: P | None, error: BaseException | None, steps: Outside[M, P]) -> AckResult:
    """Settle one job. A `finish` that fails is this job's failure and nobody else's."""
    if error is not None:
        if not isinstance(error, GatewayError):
            log.error("call failed", kind=one.kind, job=str(one.id), exc_info=error)
        hopeless = isinstance(error, GatewayRejected)
        return _ack(one, Discard(describe(error)) if hopeless else Retry(describe(error)))
    try:
        with runtime.sessions().begin() as session:
            if plan is not None:
                steps.finish(session, plan)
            return ack(session, one, {one.id: Done()}, DEAD_JOB_HANDLERS, jitter=runtime.chance.random())
    except Exception as unfinished:
        log.exception("call not finished", kind=one.kind, job=str(one.id))
        return _ack(one, Retry(describe(unfinished)))


def _ack(one: Batch, outcome: Outcome) -> AckResult:
    with runtime.sessions().begin() as session:
        return ack(session, one, {one.id: outcome}, DEAD_JOB_HANDLERS, jitter=runtime.chance.random())
