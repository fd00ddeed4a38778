"""Beat: Celery's process with a scheduler that enqueues jobs in the database, never in the broker."""

from typing import Final

import psycopg
import structlog
from celery.beat import Scheduler
from sqlalchemy.exc import SQLAlchemyError

from core.jobs.failure_log import describe
from core.jobs.schedules import install, tick
from core.settings import settings
from db.engine import BEAT_POOL, make_jobs_engine, make_sessions

TICK_SECONDS: Final = 1.0
# After errors the wait is doubled up to this. The relay ticks every ten seconds anyway.
MAX_WAIT_SECONDS: Final = 8.0

log = structlog.get_logger()


class JobScheduler(Scheduler):
    """Ticks what is due. Two beats are harmless, since a tick is unique; the relay ticks too while no beat runs.

    No error of the database ends it.
    """

    def setup_schedule(self) -> None:
        """Prepare the connection; the first tick writes this release's schedules to the database."""
        self._engine = make_jobs_engine(settings().database_url, BEAT_POOL)
        self._sessions = make_sessions(self._engine)
        self._installed = False
        self._wait = TICK_SECONDS

    def tick(self, *_: object, **__: object) -> float:
        """Enqueue what is due; returns the seconds until the next tick."""
        try:
            self._tick()
            self._wait = TICK_SECONDS
        except (psycopg.Error, SQLAlchemyError) as error:
            log.warning("beat: database error", error=describe(error))
            self._wait = min(2 * self._wait, MAX_WAIT_SECONDS)
        return self._wait

    def close(self) -> None:
        """Close the connection."""
        super().close()
        self._engine.dispose()

    def _tick(self) -> None:
        with self._sessions.begin() as session:
            if not self._installed:
                install(session)
            kinds = tick(session)
        self._installed = True
        if kinds:
            log.info("beat: due", kinds=list(kinds))
