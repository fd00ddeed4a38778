"""Isolation: jobs of a batch that failed or was lost run in smaller and smaller batches, apart from the others.

Pure, without clock, database or broker. Of 500 jobs of which one is faulty, 64 run again in one batch, then 8, then
each alone; the batches around it succeed.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from core.jobs.batch import Batch

# The sizes of batches of isolated jobs, from large to small.
LIMITS: Final = (64, 8, 1)
# Operators replay what was dead, and it may fail again.
REPLAY_LIMIT: Final = LIMITS[0]
# A job that was started alone so often in a row, and whose process died each time, is dead. Errors have `max_attempts`.
MAX_DEATHS: Final = 5


def narrower(size: int) -> int:
    """The limit for jobs of a batch of `size` jobs that failed."""
    return next((limit for limit in LIMITS if limit < size), LIMITS[-1])


class _InFlight(NamedTuple):
    kind: str
    since: float


class IsolatedKinds:
    """Which kinds may have isolated jobs to claim. Times are seconds of one monotonic clock.

    Of each kind one isolated batch is in flight, beside the slots of the other jobs: so isolated jobs take one place,
    however many they are, and the others never wait for them. A batch whose end was not notified is forgotten after
    `slot_seconds`.
    """

    def __init__(self, slot_seconds: float) -> None:
        self._slot_seconds = slot_seconds
        self._awake: set[str] = set()
        self._in_flight: dict[UUID, _InFlight] = {}

    def wake(self, kinds: Iterable[str]) -> None:
        """These kinds may have isolated jobs that are due."""
        self._awake.update(kinds)

    def wanted(self, now: float, leave_out: Collection[str]) -> Sequence[str]:
        """The kinds to claim an isolated batch of, without those to leave out."""
        self._in_flight = {key: one for key, one in self._in_flight.items() if one.since + self._slot_seconds > now}
        busy = {one.kind for one in self._in_flight.values()}
        return sorted(self._awake - busy - set(leave_out))

    def claimed(self, kinds: Iterable[str], batches: Iterable[Batch], now: float) -> None:
        """A claim of `kinds` gave these batches; a kind without one sleeps until it is woken."""
        claimed = {batch.id: _InFlight(batch.kind, now) for batch in batches}
        self._in_flight |= claimed
        self._awake -= set(kinds) - {one.kind for one in claimed.values()}

    def finished(self, batch_id: UUID) -> None:
        """The batch has ended, with whatever result."""
        self._in_flight.pop(batch_id, None)

    def forget_in_flight(self) -> None:
        """Nothing is in flight any more."""
        self._in_flight.clear()
