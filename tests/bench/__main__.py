"""`make bench`: measures everything in one run and writes docs/performance.md.

A trial run, `python -m tests.bench --only 2 --rounds 1 --scale 0.1`, prints the page and does not change the document.
"""

import argparse
import time
from statistics import median

from scripts.local.instances import ROOT
from scripts.local.services import LocalServices
from tests.bench import intake, latency, report
from tests.bench.drain import DrainRun, Entry, drain, rounds
from tests.bench.harness import Harness
from tests.bench.plan import MEASURES, OLD_TRANSACTION_SECONDS, RATES, Plan
from tests.bench.report import Results
from tests.bench.systems import (
    DRAMATIQ,
    PGQUEUER,
    SQL_EFFECT,
    SQL_STATEMENT,
    TASKIQ,
    Aula,
    System,
    effect_only,
    plain_celery,
)
from tests.bench.workloads import FULFILMENTS, PURCHASES


def measure(harness: Harness, plan: Plan) -> Results:
    results = Results()
    if 1 in plan.measures:
        entries = [Entry(Aula(), plan.jobs(20_000)), Entry(plain_celery("purchases"), plan.jobs(1_500))]
        results.purchases = rounds(harness, PURCHASES, entries, plan.rounds)
    if 2 in plan.measures:
        others = (DRAMATIQ, TASKIQ)
        sizes: dict[int, tuple[System, ...]] = {
            60_000: (Aula(), SQL_STATEMENT, SQL_EFFECT),
            20_000: (PGQUEUER, effect_only(PGQUEUER)),
            6_000: (*others, *map(effect_only, others)),
            3_000: (plain_celery("whole"), plain_celery("effect")),
        }
        entries = [Entry(one, plan.jobs(size)) for size, some in sizes.items() for one in some]
        results.fulfilments = rounds(harness, FULFILMENTS, entries, plan.rounds)
    if 3 in plan.measures:
        results.intake = intake.rounds(harness, plan.rounds, plan.seconds(8))
    if 4 in plan.measures:
        results.latency = latency.rounds(harness, RATES, plan.rounds, plan.seconds(30))
    if 5 in plan.measures:
        count = backlog(harness, results.purchases, plan)
        pair = [Entry(Aula(), count), Entry(Aula(), count, old_transaction=True)]
        results.old_transaction = rounds(harness, PURCHASES, pair, plan.rounds)
    return results


def backlog(harness: Harness, known: dict[str, list[DrainRun]], plan: Plan) -> int:
    """The number of purchases that keep the old transaction open long enough, from the measured rate."""
    runs = known.get("Aula") or [drain(harness, PURCHASES, Entry(Aula(), plan.jobs(20_000)))]
    rate = median(run.rate for run in runs)
    return plan.jobs(round(rate * OLD_TRANSACTION_SECONDS * 1.15))


def warm_up(harness: Harness) -> None:
    """Run each program once, so that it is in the file cache before the first measurement."""
    drain(harness, PURCHASES, Entry(Aula(), 400))
    for baseline in (plain_celery("whole"), DRAMATIQ, TASKIQ, PGQUEUER):
        drain(harness, FULFILMENTS, Entry(baseline, 200))


def main() -> None:
    whole = Plan()
    parser = argparse.ArgumentParser(description="Measure Aula; without arguments, in full.")
    parser.add_argument("--only", type=int, nargs="+", choices=MEASURES, default=MEASURES, help="these measures")
    parser.add_argument("--rounds", type=int, default=whole.rounds, help="how often each runs")
    parser.add_argument("--scale", type=float, default=whole.scale, help="1 is full size")
    arguments = parser.parse_args()
    plan = Plan(tuple(arguments.only), arguments.rounds, arguments.scale)
    since = time.monotonic()
    with LocalServices("bench", fresh=True) as services:
        harness = Harness(services)
        if plan.whole:
            warm_up(harness)
        results = measure(harness, plan)
        page = report.page(results, plan, report.machine(services.database_url), time.monotonic() - since)
    if plan.whole:
        (ROOT / "docs" / "performance.md").write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
