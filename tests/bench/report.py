"""Writes docs/performance.md from what was measured."""

import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from statistics import median
from typing import TypeVar

import psutil
import psycopg

from tests.bench import words
from tests.bench.contestants import SPARED
from tests.bench.drain import Drained
from tests.bench.intake import Answered
from tests.bench.latency import Waited
from tests.bench.plan import Plan

_PACKAGES = (
    *("celery", "dramatiq", "taskiq", "taskiq-redis", "pgqueuer"),
    *("psycopg", "sqlalchemy", "starlette", "uvicorn"),
)
_ALL_BUSY = 0.85

Rates = Mapping[str, Sequence[float]]
Run = TypeVar("Run")


@dataclass(slots=True)
class Results:
    """What was measured; empty where it was not asked for."""

    purchases: dict[str, list[Drained]] = field(default_factory=dict[str, list[Drained]])
    fulfilments: dict[str, list[Drained]] = field(default_factory=dict[str, list[Drained]])
    intake: dict[str, list[Answered]] = field(default_factory=dict[str, list[Answered]])
    latency: dict[int, list[Waited]] = field(default_factory=dict[int, list[Waited]])
    old_transaction: dict[str, list[Drained]] = field(default_factory=dict[str, list[Drained]])


@dataclass(frozen=True, slots=True)
class Target:
    """What was promised, and what came of it."""

    promise: str
    found: str
    met: bool

    def row(self) -> str:
        return f"| {self.promise} | {self.found} | {'met' if self.met else '**missed**'} |"


def page(results: Results, plan: Plan, machine: str, seconds: float) -> str:
    parts = [words.HEAD, machine, f"The run took {seconds / 60:.0f} minutes.", words.METHOD, words.TARGETS]
    if not plan.whole:
        parts.insert(1, "**A try, not a full run: targets are judged at full size only.**")
    parts.append(
        "\n".join(["| target | measured | |", "| --- | --- | --- |", *(one.row() for one in targets(results))])
    )
    if results.purchases:
        parts += [words.PURCHASES, drains(results.purchases)]
    if results.fulfilments:
        parts += [words.FULFILMENTS, drains(results.fulfilments)]
    if results.intake:
        parts += [words.INTAKE, answers(results.intake)]
    if results.latency:
        parts += [words.LATENCY, waits(results.latency)]
    if results.old_transaction:
        parts += [words.OLD_TRANSACTION, drains(results.old_transaction)]
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
    for kind in ("", SPARED):
        best = max((name + kind for name in ("Dramatiq", "Taskiq", "pgqueuer")), key=lambda name: median(known[name]))
        yield at_least(f"2: `orders.fulfil` drained, to plain Celery{kind}", known, f"plain Celery{kind}", 20)
        yield at_least(f"2: to the best other queue, {best}", known, best, 10)
    yield at_least("2: to SQL alone, the whole statement", known, "SQL alone, whole statement", 0.5)
    yield at_least("2: to SQL alone, the effect only (stricter)", known, "SQL alone, effect only", 0.5)


def at_least(promise: str, known: Rates, other: str, times: float) -> Target:
    ratio = median(known["Aula"]) / median(known[other])
    return Target(
        f"{promise}: at least {times:g} times", f"{ratio:.1f} times" if times > 1 else f"{ratio:.2f}", ratio >= times
    )


def rates(runs: Mapping[str, Sequence[Drained]]) -> Rates:
    return {name: [run.rate for run in mine] for name, mine in runs.items()}


def drains(runs: Mapping[str, Sequence[Drained]]) -> str:
    rows = ["| | a second (median) | each round | backlog | processor, ms each | bound by |", "| --- " * 6 + "|"]
    for name, mine in runs.items():
        middle = median(run.rate for run in mine)
        each = ", ".join(f"{run.rate:,.0f}" for run in mine)
        costs = means(mine, lambda run: run.costs)
        spent = ", ".join(f"{part} {cost:.2f}" for part, cost in costs.items() if cost >= 0.005)
        rows.append(f"| {name} | {middle:,.0f} | {each} | {mine[0].count:,} | {spent or 'too short'} | {bound(mine)} |")
    return "\n".join(rows)


def bound(runs: Sequence[Drained]) -> str:
    """What bounds a contestant, by what it used."""
    shares = means(runs, lambda run: run.shares)
    if not shares:
        return "too short to say"
    busy = median(run.machine for run in runs if run.shares)
    most = max(shares, key=lambda part: shares[part])
    parts = f"machine {busy:.0%} busy, {most} {shares[most]:.0%}"
    return f"processors: {parts}" if busy >= _ALL_BUSY else f"waiting: {parts}"


def answers(runs: Mapping[str, Sequence[Answered]]) -> str:
    rows = ["| | a second (median) | each round | processor, ms each | client | bound by |", "| --- " * 6 + "|"]
    for name, mine in runs.items():
        each = ", ".join(f"{run.rate:,.0f}" for run in mine)
        rate, client = median(run.rate for run in mine), median(run.client for run in mine)
        costs = means(mine, lambda run: run.costs)
        spent = ", ".join(f"{part} {cost:.2f}" for part, cost in costs.items() if cost >= 0.005)
        own = costs["api"] * rate / 1000
        word = "its own process" if own >= _ALL_BUSY else "waiting"
        rows.append(f"| {name} | {rate:,.0f} | {each} | {spent} | {client:.0%} | {word}: {own:.0%} of a processor |")
    return "\n".join(rows)


def waits(runs: Mapping[int, Sequence[Waited]]) -> str:
    rows = ["| purchases a second | median, ms | 99th, ms | longest, ms | each round | machine |", "| --- " * 6 + "|"]
    for rate, mine in runs.items():
        each = "; ".join(f"{run.median:.1f} / {run.p99:.1f} / {run.longest:.0f}" for run in mine)
        shares = ", ".join(f"{part} {share:.0%}" for part, share in means(mine, lambda run: run.shares).items())
        middles = [median(values) for values in zip(*((run.median, run.p99, run.longest) for run in mine), strict=True)]
        rows.append(f"| {rate} | {' | '.join(f'{value:.1f}' for value in middles)} | {each} | {shares} |")
    return "\n".join(rows)


def means(runs: Sequence[Run], of: Callable[[Run], Mapping[str, float]]) -> dict[str, float]:
    """The median of each part over the runs that know it."""
    parts = dict.fromkeys(part for run in runs for part in of(run))
    return {part: median(of(run)[part] for run in runs if part in of(run)) for part in parts}
