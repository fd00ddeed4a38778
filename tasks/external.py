"""External calls of a batch: prepared in one transaction, made side by side in none, each finished in its own."""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Generic, TypeVar
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from core.cause import caused_by_job
from core.jobs import work
from core.jobs.ack import AckResult, ack
from core.jobs.batch import Batch
from core.jobs.failure_log import describe
from core.messages import Message
from core.outcomes import Discard, Done, Outcome, Postpone, Retry
from core.ports.errors import GatewayRejected, GatewayUnavailable
from core.wiring.handlers import DEAD_JOB_HANDLERS
from tasks import runtime

# Calls of one batch that run at the same time.
MAX_CONCURRENT: Final = 16

M = TypeVar("M", bound=Message)
P = TypeVar("P")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ExternalCall(Generic[M, P]):
    """The three steps of an external call.

    `prepare` stores the intent and returns what to call with (None: nothing is left to do), `call` calls, with an
    idempotency key made from the job, and `finish` records the success.
    """

    prepare: Callable[[Session, M], P | None]
    call: Callable[[P], None]
    finish: Callable[[Session, P], None]


def call_each(batch: Batch, message: type[M], steps: ExternalCall[M, P]) -> AckResult:
    """Make the call of each job, and finish it as soon as its call has ended.

    An error before the first call fails the batch. One raised later finds no job to fail: each has a new lease version
    since `work.start`, and is rescued when its lease runs out.
    """
    started, plans = _prepare(batch, message, steps)
    result = AckResult()
    with ThreadPoolExecutor(MAX_CONCURRENT) as pool:
        calls = {pool.submit(_call, steps, plan): job_id for job_id, plan in plans.items()}
        try:
            for job_id, error in _as_they_end(started, calls):
                result += _finish(started.alone(job_id), plans[job_id], error, steps)
        except BaseException:
            # The database cannot be reached: jobs that were not called are rescued when their lease runs out.
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    if len(started) > 1:
        with runtime.sessions().begin() as session:
            work.announce(session, started)
    return result


def _prepare(batch: Batch, message: type[M], steps: ExternalCall[M, P]) -> tuple[Batch, dict[UUID, P | None]]:
    with runtime.sessions().begin() as session:
        started, jobs = work.start(session, batch, runtime.config().lease_seconds)
        return started, {job.id: steps.prepare(session, message.read(job.payload)) for job in jobs}


def _call(steps: ExternalCall[M, P], plan: P | None) -> None:
    if plan is not None:
        steps.call(plan)


def _as_they_end(batch: Batch, calls: Mapping[Future[None], UUID]) -> Iterator[tuple[UUID, BaseException | None]]:
    """Each job with its call's error, if any; the lease is renewed while calls are running."""
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


def _finish(one: Batch, plan: P | None, error: BaseException | None, steps: ExternalCall[M, P]) -> AckResult:
    """Acknowledge one job. An error in `finish` is the failure of this job alone."""
    if error is not None:
        return _ack(one, _outcome(one, error))
    try:
        with caused_by_job(one.id), runtime.sessions().begin() as session:
            if plan is not None:
                steps.finish(session, plan)
            return ack(session, one, {one.id: Done()}, DEAD_JOB_HANDLERS, jitter=runtime.jitter())
    except Exception as unfinished:
        log.exception("call not finished", kind=one.kind, job=str(one.id))
        return _ack(one, Retry(describe(unfinished)))


def _outcome(one: Batch, error: BaseException) -> Outcome:
    match error:
        case GatewayUnavailable():
            after = None if error.retry_after is None else timedelta(seconds=error.retry_after)
            return Postpone(describe(error), after)
        case GatewayRejected():
            return Discard(describe(error))
        case _:
            log.error("call failed", kind=one.kind, job=str(one.id), exc_info=error)
            return Retry(describe(error))


def _ack(one: Batch, outcome: Outcome) -> AckResult:
    with runtime.sessions().begin() as session:
        return ack(session, one, {one.id: outcome}, DEAD_JOB_HANDLERS, jitter=runtime.jitter())
