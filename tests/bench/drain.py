"""Measures how fast each system drains a backlog, in rounds."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

import psutil
import psycopg

from tests.bench.harness import Environment, Harness
from tests.bench.systems import System
from tests.bench.workloads import Progress, Workload

# Seconds between two samples.
_SAMPLE_INTERVAL: Final = 0.25
# Samples needed to report processor use.
_MIN_SAMPLES: Final = 4
# Seconds; the slowest system needs a tenth of this.
_TIMEOUT: Final = 300.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A system, the size of its backlog, and whether an old transaction stays open during the run."""

    system: System
    count: int
    old_transaction: bool = False

    @property
    def name(self) -> str:
        return self.system.name + (" beside an old transaction" if self.old_transaction else "")


@dataclass(frozen=True, slots=True)
class DrainRun:
    """One run, from the first effect to the last by the database's clock.

    `shares`: each part's share of the whole machine. `machine`: the share that all processes used, ours or not.
    `costs`: processor milliseconds for each job of the backlog.
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
    """Whether work had begun at a moment, and the processor seconds that each part had used by then."""

    at: float
    begun: bool
    used: dict[str, float]
    idle: float


def rounds(harness: Harness, workload: Workload, entries: Sequence[Entry], count: int) -> dict[str, list[DrainRun]]:
    """Run all entries `count` times; each round starts with the next entry."""
    runs: dict[str, list[DrainRun]] = {entry.name: [] for entry in entries}
    for number in range(count):
        turn = number % len(entries)
        for entry in [*entries[turn:], *entries[:turn]]:
            run = drain(harness, workload, entry)
            runs[entry.name].append(run)
            print(
                f"  {workload.name}: {entry.name}: {run.rate:,.0f}/s ({run.count:,} in {run.seconds:.1f} s)", flush=True
            )
    return runs


def drain(harness: Harness, workload: Workload, entry: Entry) -> DrainRun:
    with harness.open(workload.load, entry.count) as environment:
        entry.system.prepare(environment)
        with ExitStack() as stack:
            if entry.old_transaction:
                stack.callback(old_transaction(environment).close)
            connection = stack.enter_context(psycopg.connect(environment.database_url, autocommit=True))
            entry.system.start(environment)
            end, samples = _watch(environment, workload, connection, entry.count)
            workload.check(connection, entry.count)
        assert end.first is not None
        assert end.last is not None
        return DrainRun(entry.count, (end.last - end.first).total_seconds(), *_use(samples, entry.count))


def old_transaction(environment: Environment) -> psycopg.Connection[tuple[object, ...]]:
    """A transaction with an early snapshot: VACUUM cannot remove rows that die after it."""
    connection = psycopg.connect(environment.database_url)
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.execute("select count(*) from app.job_kinds")
    return connection


def _watch(
    environment: Environment, workload: Workload, connection: psycopg.Connection[tuple[object, ...]], count: int
) -> tuple[Progress, list[Sample]]:
    deadline = time.monotonic() + _TIMEOUT
    samples: list[Sample] = []
    while True:
        before = time.monotonic()
        progress = workload.read_progress(connection)
        read_seconds = time.monotonic() - before
        samples.append(_sample(environment, begun=progress.first is not None))
        if progress.done >= count:
            return progress, samples
        environment.check()
        if time.monotonic() > deadline:
            tails = "\n".join(process.tail(8) for process in environment.started)
            raise TimeoutError(f"{progress.done} of {count} after {_TIMEOUT:.0f} s\n{tails}")
        # Counting many rows takes long: reading the progress must not dominate the run.
        time.sleep(max(_SAMPLE_INTERVAL, 20 * read_seconds))


def _sample(environment: Environment, *, begun: bool) -> Sample:
    times = psutil.cpu_times()
    return Sample(time.monotonic(), begun, environment.processor_seconds(), times.idle + times.iowait)


def _use(samples: Sequence[Sample], count: int) -> tuple[dict[str, float], float, dict[str, float]]:
    working = [sample for sample in samples if sample.begun]
    if len(working) < _MIN_SAMPLES:
        return {}, 0.0, {}
    # Little ran before the first sample; at the last sample all is idle again.
    first, last, end = working[0], working[-2], working[-1]
    whole = (last.at - first.at) * (psutil.cpu_count() or 1)
    shares = {part: (last.used[part] - before) / whole for part, before in first.used.items() if part in last.used}
    costs = {part: (end.used[part] - before) * 1000 / count for part, before in first.used.items() if part in end.used}
    return shares, 1 - (last.idle - first.idle) / whole, costs
