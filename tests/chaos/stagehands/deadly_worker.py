"""A worker whose process dies of certain events. Run as a Celery app in the place of workers.app."""

import os
import signal
from unittest.mock import patch

from sqlalchemy import text

from core.jobs.batch import Batch
from core.jobs.work import take
from core.webhooks.process import EventHandlers, apply_batch
from db.statements import Statements
from tasks import runtime
from workers.app import app as app  # noqa: PLC0414 - Celery looks for it here

POISON = os.environ["CHAOS_POISON"]
_POISONED = text("select exists (select from app.webhook_events where id = any(:ids) and event_id = :poison)")


def _process(statements: Statements, batch: Batch, handlers: EventHandlers, *, livemode: bool) -> int:
    with runtime.sessions().begin() as session:
        ids = [job.payload["event_id"] for job in take(session, batch)]
        if session.scalar(_POISONED, {"ids": ids, "poison": POISON}):
            os.kill(os.getpid(), signal.SIGKILL)
    return apply_batch(statements, batch, handlers, livemode=livemode)


patch("tasks.webhooks.apply_batch", _process).start()
