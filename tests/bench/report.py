"""Writes docs/performance.md from what was measured."""

import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from statistics import median
from typing import TypeVar

import psutil
import psycopg

from tests.bench import page_text
from tests.bench.drain import DrainRun
from tests.bench.intake import IntakeRun
from tests.bench.latency import LatencyRun
from tests.bench.plan import Plan
from tests.bench.systems import EFFECT_ONLY

_PACKAGES = (
    *("celery", "dramatiq", "taskiq", "taskiq-redis", "pgqueuer"),
    *("psycopg", "sqlalchemy", "starlette", "uvicorn"),
)
_ALL_BUSY = 0.85

Rates = Mapping[str, Sequence[float]]
Run = TypeVar("Run")


@dataclass(slots=True)
class Results:
    """The measured runs; empty for a measure that was not requested."""

    purchases: dict[str, list[DrainRun]] = field(default_factory=dict[str, list[DrainRun]])
    fulfilments: dict[str, list[DrainRun]] = field(default_factory=dict[str, list[DrainRun]])
    intake: dict[str, list[IntakeRun]] = field(default_factory=dict[str, list[IntakeRun]])
    latency: dict[int, list[LatencyRun]] = field(default_factory=dict[int, list[LatencyRun]])
    old_transaction: dict[str, list[DrainRun]] = field(default_factory=dict[str, list[DrainRun]])


@dataclass(frozen=True, slots=True)
class Target:
    """A target, the measured value, and whether it is met."""

    description: str
    found: str
    met: bool

    def row(self) -> str:
        return f"| {self.description} | {self.found} | {'met' if self.met else '**missed**'} |"


def page(results: Results, plan: Plan, machine: str, seconds: float) -> str:
    parts = [page_text.HEAD, machine, f"The run took {seconds / 60:.0f} minutes.", page_text.METHOD, page_text.TARGETS]
    if not plan.whole:
        parts.insert(1, "**A trial run: targets are judged at full size only.**")
    parts.append(
        "\n".join(["| target | measured | |", "| --- | --- | --- |", *(target.row() for target in targets(results))])
    )
    if results.purchases:
        parts += [page_text.PURCHASES, drain_table(results.purchases)]
    if results.fulfilments:
        parts += [page_text.FULFILMENTS, drain_table(results.fulfilments)]
    if results.intake:
        parts += [page_text.INTAKE, intake_table(results.intake)]
    if results.latency:
        parts += [page_text.LATENCY, latency_table(results.latency)]
    if results.old_transaction:
        parts += [page_text.OLD_TRANSACTION, drain_table(results.old_transaction)]
    return "\n\n".join(parts) + "\n"


def machine(database_url: str) -> str:
    with psycopg.connect(database_url) as connection:
        postgres = connection.info.server_version // 10000
    return (
        f"{psutil.cpu_count()} processor cores, {psutil.virtual_memory().total / 2**30:.0f} GiB of memory, "
        f"{platform.system()}, Python {platform.python_version()}, PostgreSQL {postgres} with its default settings; "
        + ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
        + "."
    )


def targets(results: Results) -> Iterable[Target]:
    if results.purchases:
        yield at_least("1: purchases drained, to plain Celery", rates(results.purchases), "plain Celery", 15)
    if results.fulfilments:
        yield from _fulfilment_targets(rates(results.fulfilments))
    if results.intake:
        known = {name: [run.rate for run in runs] for name, runs in results.intake.items()}
        yield at_least("3: webhooks answered, to verify and `delay()`", known, "verify and delay()", 4)
        yield at_least("3: webhooks answered, to one insert a request", known, "one insert a request", 2.5)
    for rate, runs in results.latency.items():
        middle, slow = median(run.median for run in runs), median(run.p99 for run in runs)
        found = f"{middle:.1f} ms, {slow:.1f} ms"
        yield Target(f"4: {rate}/s: median under 40 ms, 99th under 150 ms", found, middle < 40 and slow < 150)
    if results.old_transaction:
        beside, without = (median(one) for one in reversed(list(rates(results.old_transaction).values())))
        slower = 1 - beside / without
        yield Target("5: beside an old transaction: at most 20 % slower", f"{slower:.0%} slower", slower <= 0.2)


def _fulfilment_targets(known: Rates) -> Iterable[Target]:
    for kind in ("", EFFECT_ONLY):
        best = max((name + kind for name in ("Dramatiq", "Taskiq", "pgqueuer")), key=lambda name: median(known[name]))
        yield at_least(f"2: `orders.fulfil` drained, to plain Celery{kind}", known, f"plain Celery{kind}", 20)
        yield at_least(f"2: to the best other queue, {best}", known, best, 10)
    yield at_least("2: to SQL alone, the whole statement", known, "SQL alone, whole statement", 0.5)
    yield at_least("2: to SQL alone, the effect only (stricter)", known, "SQL alone, effect only", 0.5)


def at_least(target: str, known: Rates, other: str, times: float) -> Target:
    ratio = median(known["Aula"]) / median(known[other])
    return Target(
        f"{target}: at least {times:g} times", f"{ratio:.1f} times" if times > 1 else f"{ratio:.2f}", ratio >= times
    )


def rates(runs: Mapping[str, Sequence[DrainRun]]) -> Rates:
    return {name: [run.rate for run in repeats] for name, repeats in runs.items()}


def drain_table(runs: Mapping[str, Sequence[DrainRun]]) -> str:
    rows = ["| | a second (median) | each round | backlog | processor, ms each | bound by |", "| --- " * 6 + "|"]
    for name, repeats in runs.items():
        middle = median(run.rate for run in repeats)
        each = ", ".join(f"{run.rate:,.0f}" for run in repeats)
        costs = medians(repeats, lambda run: run.costs)
        spent = ", ".join(f"{part} {cost:.2f}" for part, cost in costs.items() if cost >= 0.005)
        rows.append(
            f"| {name} | {middle:,.0f} | {each} | {repeats[0].count:,} | {spent or 'too short'} | {bound(repeats)} |"
        )
    return "\n".join(rows)


def bound(runs: Sequence[DrainRun]) -> str:
    """What limits a system, from its processor use."""
    shares = medians(runs, lambda run: run.shares)
    if not shares:
        return "too short to say"
    busy = median(run.machine for run in runs if run.shares)
    most = max(shares, key=lambda part: shares[part])
    parts = f"machine {busy:.0%} busy, {most} {shares[most]:.0%}"
    return f"processors: {parts}" if busy >= _ALL_BUSY else f"waiting: {parts}"


def intake_table(runs: Mapping[str, Sequence[IntakeRun]]) -> str:
    rows = ["| | a second (median) | each round | processor, ms each | client | bound by |", "| --- " * 6 + "|"]
    for name, repeats in runs.items():
        each = ", ".join(f"{run.rate:,.0f}" for run in repeats)
        rate, client = median(run.rate for run in repeats), median(run.client for run in repeats)
        costs = medians(repeats, lambda run: run.costs)
        spent = ", ".join(f"{part} {cost:.2f}" for part, cost in costs.items() if cost >= 0.005)
        own = costs["api"] * rate / 1000
        limit = "its own process" if own >= _ALL_BUSY else "waiting"
        rows.append(f"| {name} | {rate:,.0f} | {each} | {spent} | {client:.0%} | {limit}: {own:.0%} of a processor |")
    return "\n".join(rows)


def latency_table(runs: Mapping[int, Sequence[LatencyRun]]) -> str:
    rows = ["| purchases a second | median, ms | 99th, ms | longest, ms | each round | machine |", "| --- " * 6 + "|"]
    for rate, repeats in runs.items():
        each = "; ".join(f"{run.median:.1f} / {run.p99:.1f} / {run.longest:.0f}" for run in repeats)
        shares = ", ".join(f"{part} {share:.0%}" for part, share in medians(repeats, lambda run: run.shares).items())
        middles = [
            median(values) for values in zip(*((run.median, run.p99, run.longest) for run in repeats), strict=True)
        ]
        rows.append(f"| {rate} | {' | '.join(f'{value:.1f}' for value in middles)} | {each} | {shares} |")
    return "\n".join(rows)


def medians(runs: Sequence[Run], of: Callable[[Run], Mapping[str, float]]) -> dict[str, float]:
    """The median of each part over the runs that have it."""
    parts = dict.fromkeys(part for run in runs for part in of(run))
    return {part: median(of(run)[part] for run in runs if part in of(run)) for part in parts}
