"""Random faults: each kills or wipes a running part and starts a replacement where one is needed."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import cycle, islice

from scripts.local.processes import Process
from tests.chaos.deployment import FAULTY_RELAY, Deployment, child_processes
from tests.chaos.timeouts import TIMEOUT
from tests.support.waiting import wait_until

# A relay to be killed between claim and publish is killed at this publish at the latest.
_LAST_PUBLISH = 6


class FaultInjector:
    """Starts two workers, two relays and two beats, and injects faults. `injected` counts the faults by kind."""

    def __init__(self, deployment: Deployment, rng: random.Random) -> None:
        self._deployment = deployment
        self._rng = rng
        self.injected: Counter[str] = Counter()
        self._workers = [deployment.start_worker(), deployment.start_worker()]
        self._relays = [self._start_relay(), self._start_relay()]
        self._beats = [deployment.start_beat(), deployment.start_beat()]
        self._faults: Mapping[str, Callable[[], None]] = {
            "worker's child killed": self._kill_child,
            "worker killed with its children": self._kill_worker,
            "relay killed": self._kill_relay,
            "relay killed between claim and publish": self._kill_relay_before_publish,
            "broker wiped": deployment.services.wipe_broker,
            "broker killed": deployment.services.restart_broker,
            "database restarted, immediate": self._restart_database,
            "beat killed": self._kill_beat,
        }

    def draw(self, number: int) -> list[str]:
        """Kinds of faults in random order; each kind is equally frequent."""
        kinds = list(islice(cycle(self._rng.sample(list(self._faults), len(self._faults))), number))
        self._rng.shuffle(kinds)
        return kinds

    def inject(self, kind: str) -> None:
        self._faults[kind]()
        self.injected[kind] += 1

    def _start_relay(self, **environment: str) -> Process:
        return self._deployment.start_relay(FAULTY_RELAY, CHAOS_REPEAT_MESSAGES="1", **environment)

    def _kill_child(self) -> None:
        running = [child for worker in self._workers for child in child_processes(worker)]
        self._rng.choice(running).kill()

    def _kill_worker(self) -> None:
        self._workers.pop(self._rng.randrange(len(self._workers))).kill()
        self._workers.append(self._deployment.start_worker())

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
        self._deployment.services.postgres.restart(immediate=True)

    def _kill_beat(self) -> None:
        self._beats.pop(self._rng.randrange(len(self._beats))).kill()
        self._beats.append(self._deployment.start_beat())
