"""Handlers of Celery's signals."""

from collections.abc import Sequence
from typing import Any

import structlog
from billiard.exceptions import WorkerLostError
from celery import Task
from celery.signals import beat_init, setup_logging, task_failure, worker_process_init, worker_ready

from core.jobs.batch import Batch
from core.jobs.failure_log import describe
from core.jobs.rescue import requeue_lost
from core.logs import configure_logs
from core.wiring.handlers import DEAD_JOB_HANDLERS
from tasks import runtime

log = structlog.get_logger()


@setup_logging.connect
def on_setup_logging(**_: object) -> None:
    """Use the same log format as all processes."""
    configure_logs()


@worker_ready.connect
def on_worker_ready(**_: object) -> None:
    """Log that the worker is ready."""
    log.info("worker: ready")


@beat_init.connect
def on_beat_start(**_: object) -> None:
    """Log that beat is ready."""
    log.info("beat: Starting")


@worker_process_init.connect
def on_process_start(**_: object) -> None:
    """A forked child makes its own connections."""
    runtime.reset_after_fork()


@task_failure.connect
def on_failure(sender: Task[..., Any], exception: BaseException, args: Sequence[Any], **_: object) -> None:
    """A child process died while it ran a batch: requeue its jobs now instead of waiting for the lease."""
    if not isinstance(exception, WorkerLostError):
        return
    batch = Batch.from_wire(sender.name, args[0])
    with runtime.sessions().begin() as session:
        # External calls have raised the lease version.
        lost = [requeue_lost(session, DEAD_JOB_HANDLERS, one, describe(exception)) for one in (batch, batch.started())]
    again, dead = sum(one.pending for one in lost), sum(one.dead for one in lost)
    log.error("worker process lost", kind=batch.kind, again=again, dead=dead)
