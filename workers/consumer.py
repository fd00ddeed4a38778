"""Celery's consumer of messages, which hands back what it has not started and soon asks a lost broker again."""

from functools import partial
from typing import Any, Final, cast

import psycopg
import structlog
from celery.worker.consumer import Consumer
from celery.worker.state import active_requests, reserved_requests
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core.jobs.batch import Batch
from core.jobs.claim import release
from core.jobs.failure_log import describe
from tasks.patience import when_database_answers

# Seconds between two attempts to connect: the first pause, what is added to it each time, and the longest. Celery's own
# are 2, 2 and 30: the workers would start long after the broker.
RETRY_FIRST: Final = 0.2
RETRY_STEP: Final = 0.2
RETRY_LONGEST: Final = 2.0

# Seconds that a worker's main process waits for a database that was lost: meanwhile it gives its children no work.
PATIENCE: Final = 2.0

log = structlog.get_logger()


class JobConsumer(Consumer):
    """The consumer of one worker."""

    def on_ready(self) -> None:
        """Connected. Kombu is not to send unstarted messages back: `on_close` does what is needed, without the broker.

        While the broker is away, kombu would also write them to a file in the folder of temporary files each time.
        """
        super().on_ready()
        consumer: Any = cast("Any", self).task_consumer
        consumer.channel.do_restore = False

    def on_close(self) -> None:
        """The connection is lost, or the worker ends: Celery drops messages that no child has started.

        They are acknowledged, so the broker does not send them again. Their jobs are due again now.
        """
        _hand_back([request for request in tuple(reserved_requests) if request not in active_requests])
        super().on_close()

    def ensure_connected(self, conn: Any) -> Any:  # noqa: ANN401 - kombu is untyped
        """Connect, and try again until that succeeds."""
        conn.ensure_connection = partial(
            conn.ensure_connection,
            interval_start=RETRY_FIRST,
            interval_step=RETRY_STEP,
            interval_max=RETRY_LONGEST,
        )
        return super().ensure_connected(conn)


def _hand_back(requests: list[Any]) -> None:
    if not requests:
        return
    try:
        batches = [Batch.from_wire(request.name, request.args[0]) for request in requests]

        def release_all(session: Session) -> None:
            for batch in batches:
                release(session, batch)

        when_database_answers(release_all, PATIENCE)
    except (psycopg.Error, SQLAlchemyError) as error:
        log.warning("worker: messages left to their leases", messages=len(requests), error=describe(error))
    else:
        log.info("worker: messages handed back", messages=len(batches), jobs=sum(map(len, batches)))
