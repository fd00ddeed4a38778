"""Drains a backlog with each contestant in turn, round after round."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

import psutil
import psycopg

from tests.bench.arena import Arena, Arenas
from tests.bench.contestants import Contestant
from tests.bench.workloads import Progress, Workload

_LOOK: Final = 0.25
# Looks that are needed to say what a run used.
MANY: Final = 4
# Seconds; the slowest contestant needs a tenth of it.
_PATIENCE: Final = 300.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A contestant, the backlog it is given, and whether an old transaction stays open meanwhile."""

    contestant: Contestant
    count: int
    old_transaction: bool = False

    @property
    def name(self) -> str:
        return self.contestant.name + (" beside an old transaction" if self.old_transaction else "")


@dataclass(frozen=True, slots=True)
class Drained:
    """One run: from the first effect to the last, by the database's clock.

    `shares` are of the whole machine, `machine` is what all processes of it took, ours or not; `costs` are
    milliseconds of a processor for each of the backlog.
    """

    count: int
    seconds: float
    shares: dict[str, float]
    machine: float
    costs: dict[str, float]

    @property
    def rate(self) -> float:
        return self.count / self.seconds


@dataclass(frozen=True, slots=True)
class Sample:
    """Whether work had begun at a moment, and what each part had used by then, in seconds."""

    at: float
    begun: bool
    used: dict[str, float]
    idle: float


def rounds(arenas: Arenas, workload: Workload, entries: Sequence[Entry], count: int) -> dict[str, list[Drained]]:
    """Run all entries `count` times, each round beginning with another."""
    runs: dict[str, list[Drained]] = {entry.name: [] for entry in entries}
    for number in range(count):
        turn = number % len(entries)
        for entry in [*entries[turn:], *entries[:turn]]:
            run = drain(arenas, workload, entry)
            runs[entry.name].append(run)
            print(
                f"  {workload.name}: {entry.name}: {run.rate:,.0f}/s ({run.count:,} in {run.seconds:.1f} s)", flush=True
            )
    return runs


def drain(arenas: Arenas, workload: Workload, entry: Entry) -> Drained:
    with arenas.open(workload.load, entry.count) as arena:
        entry.contestant.prepare(arena)
        with ExitStack() as stack:
            if entry.old_transaction:
                stack.callback(old_transaction(arena).close)
            look = stack.enter_context(psycopg.connect(arena.database_url, autocommit=True))
            entry.contestant.start(arena)
            end, samples = _watch(arena, workload, look, entry.count)
            workload.check(look, entry.count)
        assert end.first is not None
        assert end.last is not None
        return Drained(entry.count, (end.last - end.first).total_seconds(), *_use(samples, entry.count))


def old_transaction(arena: Arena) -> psycopg.Connection[tuple[object, ...]]:
    """A transaction that has taken its snapshot: nothing that dies after it can be cleaned away."""
    connection = psycopg.connect(arena.database_url)
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.execute("select count(*) from app.job_kinds")
    return connection


def _watch(
    arena: Arena, workload: Workload, look: psycopg.Connection[tuple[object, ...]], count: int
) -> tuple[Progress, list[Sample]]:
    deadline = time.monotonic() + _PATIENCE
    samples: list[Sample] = []
    while True:
        looked = time.monotonic()
        progress = workload.look(look)
        looked = time.monotonic() - looked
        samples.append(_sample(arena, begun=progress.first is not None))
        if progress.done >= count:
            return progress, samples
        arena.check()
        if time.monotonic() > deadline:
            tails = "\n".join(process.tail(8) for process in arena.started)
            raise TimeoutError(f"{progress.done} of {count} after {_PATIENCE:.0f} s\n{tails}")
        # Counting hundreds of thousands takes long: the look must not be what is measured.
        time.sleep(max(_LOOK, 20 * looked))


def _sample(arena: Arena, *, begun: bool) -> Sample:
    times = psutil.cpu_times()
    return Sample(time.monotonic(), begun, arena.processor_seconds(), times.idle + times.iowait)


def _use(samples: Sequence[Sample], count: int) -> tuple[dict[str, float], float, dict[str, float]]:
    at_work = [sample for sample in samples if sample.begun]
    if len(at_work) < MANY:
        return {}, 0.0, {}
    # What ran before the first look is little; the last look comes when all is idle again.
    first, last, end = at_work[0], at_work[-2], at_work[-1]
    whole = (last.at - first.at) * (psutil.cpu_count() or 1)
    shares = {part: (last.used[part] - before) / whole for part, before in first.used.items() if part in last.used}
    costs = {part: (end.used[part] - before) * 1000 / count for part, before in first.used.items() if part in end.used}
    return shares, 1 - (last.idle - first.idle) / whole, costs
