"""What the Celery worker does at the turns of its life."""

from collections.abc import Sequence
from typing import Any

import structlog
from billiard.exceptions import WorkerLostError
from celery import Task
from celery.signals import beat_init, setup_logging, task_failure, worker_process_init, worker_ready

from core.jobs.batch import Batch
from core.jobs.rescue import requeue_lost
from core.logs import configure_logs
from core.wiring import DEAD_JOB_HANDLERS
from tasks import runtime
from tasks.base import describe

log = structlog.get_logger()


@setup_logging.connect
def on_setup_logging(**_: object) -> None:
    """Celery logs as the rest of the house does."""
    configure_logs()


@worker_ready.connect
def on_worker_ready(**_: object) -> None:
    """For whoever waits for the worker."""
    log.info("worker: ready")


@beat_init.connect
def on_beat_start(**_: object) -> None:
    """Likewise for beat."""
    log.info("beat: Starting")


@worker_process_init.connect
def on_process_start(**_: object) -> None:
    """A forked child makes its own connections."""
    runtime.forget()


@task_failure.connect
def on_failure(sender: Task[..., Any], exception: BaseException, args: Sequence[Any], **_: object) -> None:
    """A child died in the middle of a batch: hand its jobs back now and spare them the wait for the lease."""
    if not isinstance(exception, WorkerLostError):
        return
    batch = Batch.from_wire(sender.name, args[0])
    with runtime.sessions().begin() as session:
        # Work outside the database has raised the attempt before it called.
        lost = [requeue_lost(session, DEAD_JOB_HANDLERS, one, describe(exception)) for one in (batch, batch.started())]
    again, dead = sum(one.pending for one in lost), sum(one.dead for one in lost)
    log.error("worker process lost", kind=batch.kind, again=again, dead=dead)
