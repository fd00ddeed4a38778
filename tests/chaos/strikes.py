"""The faults a campaign draws from: each kills or wipes something that runs, and starts it again where it must."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import cycle, islice

from scripts.local.processes import Process
from tests.chaos.house import House, children
from tests.chaos.patience import PATIENCE
from tests.chaos.test_relay_killed import STAGEHAND
from tests.support.waiting import wait_until

# How late in its life a relay that is to die between claim and publish does so.
_LATEST_DEATH = 6


class Strikes:
    """A house with two of everything, and what may happen to it. `done` counts the strikes by kind."""

    def __init__(self, house: House, chance: random.Random) -> None:
        self._house = house
        self._chance = chance
        self.done: Counter[str] = Counter()
        self._workers = [house.worker(), house.worker()]
        self._relays = [self._relay(), self._relay()]
        self._beats = [house.beat(), house.beat()]
        self._kinds: Mapping[str, Callable[[], None]] = {
            "worker's child killed": self._kill_child,
            "worker killed with its children": self._kill_worker,
            "relay killed": self._kill_relay,
            "relay killed between claim and publish": self._kill_relay_between,
            "broker wiped": house.site.flush,
            "broker killed": house.site.replace_valkey,
            "database restarted, immediate": self._restart_database,
            "beat killed": self._kill_beat,
        }

    def draw(self, number: int) -> list[str]:
        """So many kinds in random order, each as often as any other."""
        kinds = list(islice(cycle(self._chance.sample(list(self._kinds), len(self._kinds))), number))
        self._chance.shuffle(kinds)
        return kinds

    def strike(self, kind: str) -> None:
        """Let it happen."""
        self._kinds[kind]()
        self.done[kind] += 1

    def _relay(self, **environment: str) -> Process:
        return self._house.relay(STAGEHAND, CHAOS_DOUBLES="1", **environment)

    def _kill_child(self) -> None:
        running = [child for worker in self._workers for child in children(worker)]
        self._chance.choice(running).kill()

    def _kill_worker(self) -> None:
        worker = self._workers.pop(self._chance.randrange(len(self._workers)))
        worker.kill()
        self._workers.append(self._house.worker())

    def _kill_relay(self) -> None:
        self._relays.pop(self._chance.randrange(len(self._relays))).kill()
        self._relays.append(self._relay())

    def _kill_relay_between(self) -> None:
        # The others make way, so that there is something to claim.
        for relay in self._relays:
            relay.kill()
        dying = self._relay(CHAOS_DIES_AT=str(self._chance.randint(1, _LATEST_DEATH)))
        wait_until(lambda: not dying.running, "the relay dies", PATIENCE)
        self._relays = [self._relay(), self._relay()]

    def _restart_database(self) -> None:
        self._house.site.postgres.restart(immediate=True)

    def _kill_beat(self) -> None:
        self._beats.pop(self._chance.randrange(len(self._beats))).kill()
        self._beats.append(self._house.beat())
