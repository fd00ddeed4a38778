"""What a relay keeps in memory: which lanes may have due jobs, where to read on in each, and what is in flight.

Pure, without clock, database or broker; losing all of it costs one rescan.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

from core.jobs.batch import Batch
from core.jobs.enqueue import HIGH, LOW, NORMAL
from core.jobs.isolation import IsolatedKinds

PRIORITIES: Final = (HIGH, NORMAL, LOW)

# Transactions do not commit in the order of their clocks. When a lane was read to its end, the next read starts this
# much earlier, so that a row committed a little late is found at once and not at the next rescan.
_COMMIT_LAG: Final = timedelta(milliseconds=250)


# Seconds that new jobs of a kind wait for its batch in flight to end, so that they form one batch.
LINGER: Final = 0.05

# The last word of a notification about isolated jobs, in place of a priority.
_ISOLATED: Final = "isolated"


@dataclass(frozen=True, slots=True)
class Lane:
    """Jobs of one kind and priority, in the order they are due."""

    kind: str
    priority: int

    @classmethod
    def parse(cls, notice: str) -> "Lane":
        """The lane that a notification names. Raises ValueError."""
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
    """What a batch in flight occupies: its kind, and since when."""

    kind: str
    since: float


class DispatchState:
    """Which lanes to claim from. Times are seconds of one monotonic clock.

    At most `slots` batches are in flight, one more while there is a backlog, and of each kind always one: no kind waits
    for another. Larger batches cost less, so without a backlog a kind first waits for its own batch to end, but at most
    `LINGER`. A slot whose end was not notified is free again after `slot_seconds`.

    `isolated` has the kinds of isolated jobs, which take none of these slots. Two sorts of kinds are left out:
    saturated ones, whose messages pile up in the broker, because the leases of more jobs would run out in the queue;
    and paused or limited ones, which a claim of lanes leaves out anyway.
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
        self._backlogged: set[Lane] = set()
        self.isolated = IsolatedKinds(slot_seconds)

    def notified(self, notice: str, known: Container[str]) -> None:
        """A NOTIFY on channel aula_jobs; kinds that are not `known` are another release's. Raises ValueError."""
        kind, _, rest = notice.rpartition(" ")
        if rest == _ISOLATED:
            self.isolated.wake([kind] if kind in known else [])
            return
        lane = Lane.parse(notice)
        self.wake([lane] if lane.kind in known else [])

    def wake(self, lanes: Iterable[Lane]) -> None:
        """These lanes may have due jobs."""
        self._awake.update(lanes)

    def rescan(self, lanes: Iterable[Lane]) -> None:
        """Read these lanes from their beginning once: finds what became visible behind the watermark."""
        lanes = set(lanes)
        self._from_the_start |= lanes
        self.wake(lanes)

    @property
    def rescanning(self) -> bool:
        """Whether a lane is to be read from its beginning by the next claim."""
        return any(self._open(lane) for lane in self._from_the_start)

    def forget_in_flight(self) -> None:
        """Nothing is in flight any more."""
        self._in_flight.clear()
        self.isolated.forget_in_flight()

    @property
    def saturated(self) -> bool:
        """Whether any kind is saturated."""
        return bool(self._saturated)

    def set_saturated(self, kinds: Iterable[str]) -> None:
        """Messages of these kinds, and of no others, pile up in the broker."""
        self._saturated = frozenset(kinds)

    def set_paused_or_limited(self, kinds: Iterable[str]) -> None:
        """These kinds, and no others, are paused or limited."""
        self._paused_or_limited = frozenset(kinds)

    @property
    def waiting(self) -> bool:
        """Whether a lane that may be claimed may have due jobs."""
        return any(map(self._open, self._awake))

    def finished(self, batch_id: UUID) -> None:
        """The batch has ended, with whatever result."""
        self._in_flight.pop(batch_id, None)
        self.isolated.finished(batch_id)

    def isolated_kinds(self, now: float) -> Sequence[str]:
        """The kinds to claim isolated jobs of now."""
        return self.isolated.wanted(now, self._saturated | self._paused_or_limited)

    def dispatched(self, batches: Iterable[Batch], now: float) -> None:
        """Each of these batches takes a slot of its kind."""
        self._in_flight.update((batch.id, _Slot(batch.kind, now)) for batch in batches)

    def requests(self, now: float) -> Sequence[Request]:
        """What to claim now: of each kind that may have a slot its most urgent lane that is awake.

        One lane of each kind, since its lanes share its slots; the others follow in the next round.
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
                after = START if lane in self._from_the_start else self._mark(lane)
                ready[lane.kind] = Request(lane, after, free * self._batch_size)
        return list(ready.values())

    def claimed(self, request: Request, count: int, last: Watermark | None) -> None:
        """A claim gave `count` jobs up to `last`: a full one leaves the lane awake."""
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
