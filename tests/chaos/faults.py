"""Random faults: each kills, suspends or wipes a running part, and starts a replacement where one is needed."""

import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from itertools import cycle, islice
from threading import Timer
from time import monotonic

import psutil
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from scripts.local.processes import Process
from tests.chaos.deployment import FAULTY_RELAY, Deployment, child_processes
from tests.chaos.timeouts import TIMEOUT
from tests.support.waiting import wait_until

# A relay to be killed between claim and publish is killed at this publish at the latest.
_LAST_PUBLISH = 6
BROKER_SUSPENDED = "broker suspended"
CHILD_SUSPENDED = "worker's child suspended"
DATABASE_RESTARTED = "database restarted, immediate"
RELAY_SUSPENDED = "relay suspended"
# What is suspended sleeps for longer than a lease, and the database reads its log when it starts.
LASTING = (RELAY_SUSPENDED, DATABASE_RESTARTED, CHILD_SUSPENDED, BROKER_SUSPENDED)
KILLED_BEFORE_PUBLISH = "relay killed between claim and publish"
_TERMINATE = text("""
select count(pg_terminate_backend(pid)) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
""")


class FaultInjector:
    """Starts two workers, two relays and two beats, and injects faults. `injected` counts the faults by kind.

    `servers_down` has the periods in which the database or the broker itself was down, as times of the monotonic clock.
    What is suspended wakes up a second after the lease has run out. With `in_step` a fault ends when its replacement is
    ready, and each message is published several times.
    """

    def __init__(self, deployment: Deployment, rng: random.Random, *, in_step: bool = True) -> None:
        self._deployment = deployment
        self._rng = rng
        self._in_step = in_step
        self.injected: Counter[str] = Counter()
        self.servers_down: list[tuple[float, float]] = []
        self._timers: list[Timer] = []
        self._workers = [deployment.start_worker(), deployment.start_worker()]
        self._relays = [self._start_relay(), self._start_relay()]
        self._beats = [deployment.start_beat(), deployment.start_beat()]
        self._faults: Mapping[str, Callable[[], None]] = {
            "worker's child killed": self._kill_child,
            "worker killed with its children": self._kill_worker,
            "relay killed": self._kill_relay,
            KILLED_BEFORE_PUBLISH: self._kill_relay_before_publish,
            "broker wiped": self._wipe_broker,
            "broker killed": self._restart_broker,
            DATABASE_RESTARTED: self._restart_database,
            "database sessions terminated": self._terminate_sessions,
            "beat killed": self._kill_beat,
            CHILD_SUSPENDED: self._suspend_child,
            RELAY_SUSPENDED: self._suspend_relay,
            BROKER_SUSPENDED: self._suspend_broker,
        }

    def draw(self, number: int, *, leave_out: Collection[str] = ()) -> list[str]:
        """Kinds of faults in random order; each kind is equally frequent."""
        names = [name for name in self._faults if name not in leave_out]
        kinds = list(islice(cycle(self._rng.sample(names, len(names))), number))
        self._rng.shuffle(kinds)
        return kinds

    def inject(self, kind: str) -> None:
        self._faults[kind]()
        self.injected[kind] += 1

    def wait_until_awake(self) -> None:
        """Return when nothing is suspended any more."""
        for timer in self._timers:
            timer.join()

    def _start_relay(self, **environment: str) -> Process:
        if self._in_step:
            environment["CHAOS_REPEAT_MESSAGES"] = "1"
        return self._deployment.start_relay(FAULTY_RELAY, **environment)

    def _child(self) -> psutil.Process | None:
        running = [child for worker in self._workers for child in child_processes(worker)]
        return self._rng.choice(running) if running else None

    def _kill_child(self) -> None:
        if child := self._child():
            child.kill()

    def _kill_worker(self) -> None:
        self._workers.pop(self._rng.randrange(len(self._workers))).kill()
        self._workers.append(self._deployment.start_worker(wait=self._in_step))

    def _kill_relay(self) -> None:
        self._relays.pop(self._rng.randrange(len(self._relays))).kill()
        self._relays.append(self._start_relay())

    def _kill_relay_before_publish(self) -> None:
        # The other relays stop, so that this one has jobs to claim.
        for relay in self._relays:
            relay.kill()
        dying = self._start_relay(CHAOS_KILL_AT_PUBLISH=str(self._rng.randint(1, _LAST_PUBLISH)))
        wait_until(lambda: not dying.running, "the relay is killed", TIMEOUT)
        self._relays = [self._start_relay(), self._start_relay()]

    def _restart_database(self) -> None:
        began = monotonic()
        self._deployment.services.postgres.restart(immediate=True)
        self.servers_down.append((began, monotonic()))

    def _wipe_broker(self) -> None:
        # While it is suspended it cannot be wiped.
        with suppress(RedisError):
            self._deployment.services.wipe_broker()

    def _restart_broker(self) -> None:
        began = monotonic()
        self._deployment.services.restart_broker()
        self.servers_down.append((began, monotonic()))

    def _terminate_sessions(self) -> None:
        with suppress(DBAPIError):
            self._deployment.count(str(_TERMINATE))

    def _kill_beat(self) -> None:
        self._beats.pop(self._rng.randrange(len(self._beats))).kill()
        self._beats.append(self._deployment.start_beat())

    def _suspend_child(self) -> None:
        if child := self._child():
            self._suspend(child)

    def _suspend_relay(self) -> None:
        self._suspend(psutil.Process(self._rng.choice(self._relays).pid))

    def _suspend_broker(self) -> None:
        self._suspend(psutil.Process(self._deployment.services.valkey.process.pid))
        self.servers_down.append((monotonic(), monotonic() + self._deployment.lease_seconds + 1))

    def _suspend(self, process: psutil.Process) -> None:
        # It may be killed by another fault meanwhile.
        with suppress(psutil.NoSuchProcess):
            process.suspend()
        timer = Timer(self._deployment.lease_seconds + 1, _wake, [process])
        timer.start()
        self._timers.append(timer)


def _wake(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        process.resume()
