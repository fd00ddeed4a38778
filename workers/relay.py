"""The relay: moves what is due from the ledger to the broker.

It is woken by NOTIFY and polls as a net. Any number may run beside each other. It keeps nothing that matters: killed
at any point, it leaves rows that are pending, or leased until the rescuer of the next relay takes them back.
"""

import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from uuid import UUID, uuid4

import psycopg
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from core.jobs.batch import Batch
from core.jobs.claim import claim, claim_limited, paused_or_limited, release
from core.jobs.dispatch import LINGER, PRIORITIES, DispatchState, Lane
from core.jobs.rescue import rescue, rescue_all
from core.jobs.schedules import install, tick
from core.logs import configure_logs
from core.messages import MESSAGES
from core.settings import Settings, settings
from core.wiring import DEAD_JOB_HANDLERS
from db.engine import RELAY_POOL, REPEATED, make_jobs_engine, make_sessions
from db.statements import Statements
from workers.app import app
from workers.listener import DONE, JOBS, Listener
from workers.publisher import BrokerUnavailable, Publisher

log = structlog.get_logger()

ALL_LANES = [Lane(kind, priority) for kind in MESSAGES for priority in PRIORITIES]

# Seconds. Waking the lanes finds retries that have come due; a rescan also finds what a slow transaction committed
# behind the watermark; the tick is beat's work, done here when no beat has done it.
POLL, RESCAN, TICK = 1.0, 3.0, 10.0

# A rescan and a rescue read whole indexes, and while an old transaction is open also all that is dead in them. What
# takes long comes more rarely: neither has more of the time than one part in so many.
MAX_TIME_SHARE = 20

QUEUES = sorted({message.queue for message in MESSAGES.values()})

# Messages for each worker process. When more wait in a queue, its workers are gone, or busy with messages that nobody
# waits for any more. Sending the same jobs again after every lease would keep them so for ever.
SATURATED_ABOVE = 8


@dataclass(slots=True)
class Interval:
    """Says yes once in so many seconds."""

    seconds: float
    next_at: float = 0.0

    def due(self, now: float) -> bool:
        """Whether it is time again."""
        if now < self.next_at:
            return False
        self.next_at = now + self.seconds
        return True

    def took(self, seconds: float, now: float) -> None:
        """It took this long, and has ended now."""
        self.next_at = max(self.next_at, now + seconds * MAX_TIME_SHARE)


class Relay:
    """One relay. `engine` connects to the ledger, `publisher` sends, `monotonic` tells seconds."""

    def __init__(
        self,
        config: Settings,
        engine: Engine,
        publisher: Publisher,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._sessions = make_sessions(engine)
        self._statements = Statements(engine)
        self._publisher = publisher
        self._monotonic = monotonic
        self._listener: Listener | None = None
        self._lanes = DispatchState(config.worker_processes, config.batch_size, config.lease_seconds / 6)
        self._poll, self._rescue_interval, self._rescan = Interval(POLL), Interval(POLL), Interval(RESCAN)
        self._tick = Interval(TICK, monotonic() + TICK)
        self._broker_answers = True
        self.stopping = False

    def run(self) -> None:
        """Relay until `stopping`; a lost database is waited for."""
        while not self.stopping:
            try:
                self._listen()
            except (psycopg.OperationalError, DBAPIError) as error:
                log.warning("relay: no database", error=str(error).partition("\n")[0])
                self._close()
                time.sleep(POLL / 4)
        self.close()

    def close(self) -> None:
        """Let go of the database and the broker."""
        self._close()
        self._statements.close()
        self._publisher.close()

    def step(self, listener: Listener) -> None:
        """Hear what is new, do the housekeeping that is due, and dispatch what can be dispatched."""
        self._hear(listener, self._patience())
        if self._config.batch_window_ms:
            time.sleep(self._config.batch_window_ms / 1000)
            self._hear(listener, 0.0)
        self._keep_house()
        if self._lanes.saturated:
            self._check_broker()
        if self._broker_answers:
            self._dispatch(self._claim())

    def _patience(self) -> float:
        """Seconds to listen before something is to be done without a notice."""
        if not self._broker_answers:
            return POLL / 4
        if self._lanes.requests(self._monotonic()):
            return 0.0
        return LINGER if self._lanes.waiting else POLL / 4

    def _listen(self) -> None:
        self._listener = Listener(self._config.database_url)
        with self._sessions.begin() as session:
            install(session)
        self._lanes.forget()
        self._lanes.rescan(ALL_LANES)
        while not self.stopping:
            self.step(self._listener)

    def _hear(self, listener: Listener, seconds: float) -> None:
        for channel, payload in listener.hear(seconds):
            try:
                if channel == JOBS:
                    self._lanes.wake([Lane.parse(payload)])
                elif channel == DONE:
                    self._lanes.finished(UUID(payload))
            except ValueError:
                # Whoever may connect may notify; the poll finds what a garbled notice meant.
                log.warning("relay: a notice nobody understands", channel=channel)

    def _keep_house(self) -> None:
        now = self._monotonic()
        if not self._poll.due(now):
            return
        if self._rescan.due(now):
            self._lanes.rescan(ALL_LANES)
        self._lanes.wake(ALL_LANES)
        self._lanes.set_paused_or_limited(paused_or_limited(self._statements))
        self._check_broker()
        if self._rescue_interval.due(now):
            self._rescue()
        if self._tick.due(now):
            with self._sessions.begin() as session:
                tick(session)
        if self._broker_answers:
            self._dispatch(self._claim_limited())

    def _rescue(self) -> None:
        began = self._monotonic()
        with self._sessions.begin() as session:
            rescued = rescue(session, DEAD_JOB_HANDLERS)
        ended = self._monotonic()
        self._rescue_interval.took(ended - began, ended)
        if rescued.pending or rescued.dead:
            log.warning("relay: leases ran out", again=rescued.pending, dead=rescued.dead)

    def _check_broker(self) -> None:
        try:
            waiting = self._publisher.waiting(QUEUES)
            wiped = self._publisher.was_wiped()
        except BrokerUnavailable as error:
            self._broker_lost(error)
            return
        if not self._broker_answers:
            log.info("relay: the broker answers again")
            self._broker_answers = True
        most = SATURATED_ABOVE * self._config.worker_processes
        self._lanes.set_saturated(message.kind for message in MESSAGES.values() if waiting[message.queue] > most)
        if wiped:
            with self._sessions.begin() as session:
                rescued = rescue_all(session)
            self._lanes.forget()
            log.warning("relay: the broker was empty", again=rescued.pending)

    def _claim(self) -> list[Batch]:
        began = self._monotonic()
        requests = self._lanes.requests(began)
        if not requests:
            return []
        rescanning = self._lanes.rescanning
        claimed = claim(
            self._statements,
            self._lanes,
            requests,
            lease_seconds=self._config.lease_seconds,
            batch_size=self._config.batch_size,
            new_id=uuid4,
        )
        if rescanning:
            ended = self._monotonic()
            self._rescan.took(ended - began, ended)
        return claimed

    def _claim_limited(self) -> list[Batch]:
        with self._sessions.begin() as session:
            return claim_limited(
                session,
                MESSAGES,
                lease_seconds=self._config.lease_seconds,
                batch_size=self._config.batch_size,
                new_id=uuid4,
            )

    def _dispatch(self, batches: Sequence[Batch]) -> None:
        if not batches:
            return
        self._lanes.dispatched(batches, self._monotonic())
        try:
            self._publisher.publish(batches)
        except BrokerUnavailable as error:
            self._broker_lost(error)
            self._release(batches)

    def _release(self, batches: Sequence[Batch]) -> None:
        with self._sessions.begin() as session:
            for batch in batches:
                release(session, batch)
                self._lanes.finished(batch.id)

    def _broker_lost(self, error: BrokerUnavailable) -> None:
        if self._broker_answers:
            log.warning("relay: the broker does not answer", error=str(error))
        self._broker_answers = False

    def _close(self) -> None:
        if self._listener is not None:
            with suppress(psycopg.Error):
                self._listener.close()
            self._listener = None


def main() -> None:
    """Relay until SIGTERM or SIGINT."""
    configure_logs()
    config = settings()
    engine = make_jobs_engine(config.database_url, RELAY_POOL, REPEATED)
    relay = Relay(config, engine, Publisher(app))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, partial(_stop, relay))
    log.info("relay: started")
    relay.run()
    log.info("relay: stopped")


def _stop(relay: Relay, *_: object) -> None:
    relay.stopping = True


if __name__ == "__main__":
    main()
