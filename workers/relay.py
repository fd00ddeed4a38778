"""The relay: moves jobs that are due from the database to the broker.

It is woken by NOTIFY and polls as a fallback. Any number may run beside each other. A relay that is killed leaves rows
that are pending, or leased until another relay rescues them.
"""

import signal
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final
from uuid import UUID

import psycopg
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from core.jobs.dispatch import LINGER, DispatchState, Lane
from core.jobs.failure_log import describe
from core.jobs.schedules import install
from core.logs import configure_logs
from core.settings import Settings, settings
from db.engine import RELAY_POOL, REPEATED, make_jobs_engine, make_sessions
from db.statements import Statements
from workers.app import app
from workers.chores.chore import Housekeeping
from workers.chores.claim_limited import ClaimLimited
from workers.chores.rescan_lanes import RescanLanes
from workers.chores.rescue_leases import RescueLeases
from workers.chores.tick_schedules import TickSchedules
from workers.chores.wake_lanes import WakeLanes
from workers.chores.watch_broker import WatchBroker
from workers.dispatcher import Dispatcher
from workers.lanes import ALL_LANES
from workers.listener import DONE, JOBS, Listener
from workers.publisher import Publisher

log = structlog.get_logger()

# Seconds between runs of a chore. The relay ticks only in case no beat does.
POLL: Final = 1.0
RESCAN: Final = 3.0
TICK: Final = 10.0
# Seconds to listen while there is nothing else to do.
_LISTEN: Final = POLL / 4


class Relay:
    """One relay. `engine` connects to the database, `publisher` to the broker; `monotonic` gives seconds."""

    def __init__(
        self,
        config: Settings,
        engine: Engine,
        publisher: Publisher,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._publisher = publisher
        self._monotonic = monotonic
        self._sessions = make_sessions(engine)
        self._statements = Statements(engine)
        self._listener: Listener | None = None
        self._dispatch = DispatchState(config.worker_processes, config.batch_size, config.lease_seconds / 6)
        self._broker = WatchBroker(POLL, publisher, self._dispatch, self._sessions, config.worker_processes)
        self._dispatcher = Dispatcher(
            config, self._sessions, self._statements, publisher, self._dispatch, self._broker, monotonic
        )
        self._rescan = RescanLanes(RESCAN, self._dispatch)
        chores = (
            self._rescan,
            WakeLanes(POLL, self._dispatch, self._statements),
            self._broker,
            RescueLeases(POLL, self._sessions),
            TickSchedules(TICK, monotonic() + TICK, self._sessions),
            ClaimLimited(POLL, self._dispatcher),
        )
        self._housekeeping = Housekeeping(chores, monotonic)
        self.stopping = False

    def run(self) -> None:
        """Relay until `stopping`. No error of the database ends it: it connects again."""
        while not self.stopping:
            try:
                listener = self._connect()
                while not self.stopping:
                    self.step(listener)
            except (psycopg.Error, SQLAlchemyError) as error:
                log.warning("relay: database error", error=describe(error))
                self._disconnect()
                time.sleep(_LISTEN)
        self.close()

    def step(self, listener: Listener) -> None:
        """Receive notifications, run the chores that are due, then claim and publish jobs."""
        self._receive(listener, self._seconds_to_listen())
        self._housekeeping.run()
        if self._dispatch.saturated:
            self._housekeeping.run_now(self._broker)
        self._dispatcher.run(self._rescan.interval)

    def close(self) -> None:
        """Close the connections to database and broker."""
        self._disconnect()
        self._statements.close()
        self._publisher.close()

    def _connect(self) -> Listener:
        self._listener = listener = Listener(self._config.database_url)
        with self._sessions.begin() as session:
            install(session)
        self._dispatch.forget_in_flight()
        self._dispatch.rescan(ALL_LANES)
        return listener

    def _disconnect(self) -> None:
        if self._listener is not None:
            with suppress(psycopg.Error):
                self._listener.close()
            self._listener = None

    def _seconds_to_listen(self) -> float:
        if not self._broker.answers:
            return _LISTEN
        if self._dispatch.requests(self._monotonic()):
            return 0.0
        return LINGER if self._dispatch.waiting else _LISTEN

    def _receive(self, listener: Listener, seconds: float) -> None:
        self._apply(listener, seconds)
        if self._config.batch_window_ms:
            time.sleep(self._config.batch_window_ms / 1000)
            self._apply(listener, 0.0)

    def _apply(self, listener: Listener, seconds: float) -> None:
        for channel, payload in listener.receive(seconds):
            try:
                if channel == JOBS:
                    self._dispatch.wake([Lane.parse(payload)])
                elif channel == DONE:
                    self._dispatch.finished(UUID(payload))
            except ValueError:
                # Any client of the database may notify; the poll finds what a malformed notification meant.
                log.warning("relay: malformed notification", channel=channel)


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
