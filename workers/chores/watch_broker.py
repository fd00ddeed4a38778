"""Watch the broker: whether it answers, whether messages pile up in it, and whether it was wiped."""

from typing import Final

import structlog
from sqlalchemy.orm import Session, sessionmaker

from core.jobs.dispatch import DispatchState
from core.jobs.rescue import rescue_all
from core.messages import MESSAGES
from workers.chores.chore import Interval
from workers.publisher import BrokerUnavailable, Publisher

QUEUES: Final = sorted({message.queue for message in MESSAGES.values()})

# Messages for each worker process. More of them in a queue mean that its workers are gone, or busy with messages whose
# leases have run out: claiming more would only let more leases run out.
SATURATED_ABOVE: Final = 8

log = structlog.get_logger()


class WatchBroker:
    """`answers` is False from the first error until the broker answers again."""

    name = "watch broker"

    def __init__(
        self,
        seconds: float,
        publisher: Publisher,
        dispatch: DispatchState,
        sessions: sessionmaker[Session],
        worker_processes: int,
    ) -> None:
        self.interval = Interval(seconds)
        self.answers = True
        self._wiped = False
        self._publisher = publisher
        self._dispatch = dispatch
        self._sessions = sessions
        self._saturated_above = SATURATED_ABOVE * worker_processes

    def run(self) -> None:
        """Look at the broker."""
        try:
            waiting = self._publisher.waiting(QUEUES)
            # The broker tells it once: it is kept until the jobs are rescued.
            self._wiped = self._publisher.was_wiped() or self._wiped
        except BrokerUnavailable as error:
            self.lost(error)
            return
        if not self.answers:
            log.info("relay: the broker answers again")
            self.answers = True
        self._dispatch.set_saturated(
            message.kind for message in MESSAGES.values() if waiting[message.queue] > self._saturated_above
        )
        if self._wiped:
            self._rescue_all()

    def lost(self, error: BrokerUnavailable) -> None:
        """The broker did not answer."""
        if self.answers:
            log.warning("relay: the broker does not answer", error=str(error))
        self.answers = False

    def _rescue_all(self) -> None:
        with self._sessions.begin() as session:
            rescued = rescue_all(session)
        self._wiped = False
        self._dispatch.forget_in_flight()
        log.warning("relay: the broker was empty", again=rescued.pending)
