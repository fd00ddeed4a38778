"""What the relay remembers: which lanes may hold work, where to read on in each, and what is in flight.

Pure bookkeeping without clock, database or broker; losing all of it costs one rescan.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

from core.jobs.batch import Batch
from core.jobs.enqueue import HIGH, LOW, NORMAL

PRIORITIES: Final = (HIGH, NORMAL, LOW)

# Transactions commit out of the order of their clocks. While a lane is read to its end, the next read starts this
# much earlier, so that a row committed a little late is seen at once and not at the next rescan.
_COMMIT_LAG: Final = timedelta(milliseconds=250)


# Seconds that jobs wait for the batch of their kind that has just left, to travel together when it ends.
LINGER: Final = 0.05

# Jobs that run alone are a message each. A claim of a whole batch of them for each free slot would stand in the queue
# for longer than its lease.
ALONE_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Lane:
    """Jobs of one kind and priority, in the order they are due."""

    kind: str
    priority: int

    @classmethod
    def parse(cls, notice: str) -> "Lane":
        """The lane a NOTIFY on channel aula_jobs names. Raises ValueError."""
        kind, priority = notice.split(" ")
        return cls(kind, int(priority))


@dataclass(frozen=True, slots=True, order=True)
class Watermark:
    """The last claimed place of a lane; the next claim reads after it."""

    run_at: datetime
    job_id: UUID


START: Final = Watermark(datetime(2000, 1, 1, tzinfo=UTC), UUID(int=0))


@dataclass(frozen=True, slots=True)
class Request:
    """Claim up to `quota` jobs of `lane`, after its watermark."""

    lane: Lane
    after: Watermark
    quota: int

    def row(self) -> dict[str, Any]:
        """As jobs/claim.sql reads it."""
        return {
            "kind": self.lane.kind,
            "priority": self.lane.priority,
            "after_at": self.after.run_at,
            "after_id": self.after.job_id,
            "quota": self.quota,
        }


class _Slot(NamedTuple):
    """What a batch in flight takes: of which kind, and since when."""

    kind: str
    since: float


class DispatchState:
    """The relay's memory. Times are seconds of any one monotonic clock.

    `slots` batches are in flight at once, one more while there is a backlog, and of each kind one in any case: no kind
    waits for another. What waits travels in better company, so without a backlog a kind waits for the end of its own
    batch first, but for `LINGER` at most: a long batch holds up nobody. A slot whose end nobody announced is free
    again after `slot_seconds`; but kinds that are saturated out, because their messages pile up in the broker, are left
    alone: claimed now, their jobs would only lose their leases in the queue. Kinds that are held are left alone too:
    a claim of lanes passes them over, and each of their notices would cost one.
    """

    def __init__(self, slots: int, batch_size: int, slot_seconds: float) -> None:
        self._slots = slots
        self._batch_size = batch_size
        self._slot_seconds = slot_seconds
        self._awake: set[Lane] = set()
        self._watermarks: dict[Lane, Watermark] = {}
        self._from_the_start: set[Lane] = set()
        self._in_flight: dict[UUID, _Slot] = {}
        self._saturated: frozenset[str] = frozenset()
        self._paused_or_limited: frozenset[str] = frozenset()
        self._batched: set[Lane] = set()
        self._backlogged: set[Lane] = set()

    def wake(self, lanes: Iterable[Lane]) -> None:
        """These lanes may hold work that is due."""
        self._awake.update(lanes)

    def rescan(self, lanes: Iterable[Lane]) -> None:
        """Read these lanes from their beginning once: it catches what became visible behind the watermark."""
        lanes = set(lanes)
        self._from_the_start |= lanes
        self.wake(lanes)

    @property
    def rescanning(self) -> bool:
        """Whether a lane that may be claimed is still to be read from its beginning."""
        return any(self._open(lane) for lane in self._from_the_start)

    def forget(self) -> None:
        """Nothing is known to be in flight any more."""
        self._in_flight.clear()

    @property
    def saturated(self) -> bool:
        """Whether any kind is left alone for now."""
        return bool(self._saturated)

    def set_saturated(self, kinds: Iterable[str]) -> None:
        """Messages of these kinds, and of no others, pile up in the broker."""
        self._saturated = frozenset(kinds)

    def set_paused_or_limited(self, kinds: Iterable[str]) -> None:
        """These kinds, and no others, are paused, or claimed apart from the lanes."""
        self._paused_or_limited = frozenset(kinds)

    @property
    def waiting(self) -> bool:
        """Whether a lane that may hold work is not left alone."""
        return any(map(self._open, self._awake))

    def finished(self, batch_id: UUID) -> None:
        """A worker is done with this batch, one way or the other."""
        self._in_flight.pop(batch_id, None)

    def dispatched(self, batches: Iterable[Batch], now: float) -> None:
        """Each of these batches takes a slot of its kind."""
        self._in_flight.update((batch.id, _Slot(batch.kind, now)) for batch in batches)

    def requests(self, now: float) -> Sequence[Request]:
        """What to claim now: of each kind that may have a slot its most urgent lane that is awake.

        One lane a kind, since lanes of one kind share its slots; the others are asked for in the next round.
        """
        self._in_flight = {key: slot for key, slot in self._in_flight.items() if slot.since + self._slot_seconds > now}
        busy = {slot.kind for slot in self._in_flight.values()}
        just_left = {slot.kind for slot in self._in_flight.values() if slot.since + LINGER > now}
        one_more = any(self._open(lane) for lane in self._backlogged)
        shared = max(0, self._slots + one_more - len(self._in_flight))
        ready: dict[str, Request] = {}
        for lane in sorted(filter(self._open, self._awake), key=attrgetter("priority", "kind")):
            if lane.kind in just_left and lane not in self._backlogged:
                continue
            free = shared if lane.kind in busy else max(1, shared)
            if free > 0 and lane.kind not in ready:
                most = self._batch_size if lane in self._batched else min(ALONE_AT_ONCE, self._batch_size)
                after = START if lane in self._from_the_start else self._mark(lane)
                ready[lane.kind] = Request(lane, after, free * most)
        return list(ready.values())

    def claimed(self, request: Request, count: int, last: Watermark | None, *, alone: bool = False) -> None:
        """A claim gave `count` jobs up to `last`: a full one leaves the lane awake.

        `alone` says that some of them travel alone. A lane is asked for few at a time until a claim has none such.
        """
        if alone:
            self._batched.discard(request.lane)
        elif count:
            self._batched.add(request.lane)
        self._from_the_start.discard(request.lane)
        if count >= request.quota:
            self._backlogged.add(request.lane)
            self._watermarks[request.lane] = last or request.after
            return
        self._backlogged.discard(request.lane)
        self._awake.discard(request.lane)
        if last is not None:
            behind = Watermark(last.run_at - _COMMIT_LAG, START.job_id)
            self._watermarks[request.lane] = max(behind, self._mark(request.lane))

    def _open(self, lane: Lane) -> bool:
        return lane.kind not in self._saturated and lane.kind not in self._paused_or_limited

    def _mark(self, lane: Lane) -> Watermark:
        return self._watermarks.get(lane, START)
