"""Beat: Celery's process with a scheduler that enqueues jobs in the database, never in the broker."""

from typing import Final

import structlog
from celery.beat import Scheduler
from sqlalchemy.exc import DBAPIError

from core.jobs.schedules import install, tick
from core.settings import settings
from db.engine import BEAT_POOL, make_jobs_engine, make_sessions

TICK_SECONDS: Final = 1.0

log = structlog.get_logger()


class JobScheduler(Scheduler):
    """Ticks what is due. Two beats are harmless, since a tick is unique; the relay ticks too while no beat runs."""

    def setup_schedule(self) -> None:
        """Write this release's schedules to the database."""
        self._sessions = make_sessions(make_jobs_engine(settings().database_url, BEAT_POOL))
        with self._sessions.begin() as session:
            install(session)

    def tick(self, *_: object, **__: object) -> float:
        """Enqueue what is due; returns the seconds until the next look."""
        try:
            with self._sessions.begin() as session:
                kinds = tick(session)
        except DBAPIError as error:
            log.warning("beat: database error", error=str(error.orig))
        else:
            if kinds:
                log.info("beat: due", kinds=list(kinds))
        return TICK_SECONDS
