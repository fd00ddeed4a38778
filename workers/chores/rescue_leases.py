"""Rescue jobs whose lease ran out."""

import structlog
from sqlalchemy.orm import Session, sessionmaker

from core.jobs.rescue import rescue
from core.wiring.handlers import DEAD_JOB_HANDLERS
from workers.chores.chore import Interval

log = structlog.get_logger()


class RescueLeases:
    """Jobs whose worker died or whose message is lost run again."""

    name = "rescue leases"

    def __init__(self, seconds: float, sessions: sessionmaker[Session]) -> None:
        self.interval = Interval(seconds, limits_time=True)
        self._sessions = sessions

    def run(self) -> None:
        """Rescue them."""
        with self._sessions.begin() as session:
            rescued = rescue(session, DEAD_JOB_HANDLERS)
        if rescued.pending or rescued.dead:
            log.warning("relay: leases ran out", again=rescued.pending, dead=rescued.dead)
