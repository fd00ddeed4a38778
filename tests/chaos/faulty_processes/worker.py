"""A worker whose process is killed by one event. A Celery app that replaces workers.app."""

import os
import signal
from unittest.mock import patch

from sqlalchemy import text

from core.jobs.batch import Batch
from core.jobs.work import take
from core.webhooks.origin import Origin
from core.webhooks.process import EventHandlers, apply_batch
from db.statements import Statements
from tasks import runtime
from workers.app import app as app  # noqa: PLC0414 - Celery looks for it here

POISON_EVENT = os.environ["CHAOS_POISON_EVENT"]
_HAS_POISON_EVENT = text("select exists (select from app.webhook_events where id = any(:ids) and event_id = :poison)")


def _apply_batch(statements: Statements, batch: Batch, handlers: EventHandlers, origin: Origin) -> int:
    with runtime.sessions().begin() as session:
        ids = [job.payload["event_id"] for job in take(session, batch)]
        if session.scalar(_HAS_POISON_EVENT, {"ids": ids, "poison": POISON_EVENT}):
            os.kill(os.getpid(), signal.SIGKILL)
    return apply_batch(statements, batch, handlers, origin)


patch("tasks.webhooks.apply_batch", _apply_batch).start()
