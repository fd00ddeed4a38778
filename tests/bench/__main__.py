"""`make bench`: measures everything in one run and writes docs/performance.md.

A try: `python -m tests.bench --only 2 --rounds 1 --scale 0.1` prints its page and leaves the document alone.
"""

import argparse
import time
from statistics import median

from scripts.local.instances import ROOT
from scripts.local.services import LocalServices
from tests.bench import intake, latency, report
from tests.bench.arena import Arenas
from tests.bench.contestants import (
    DRAMATIQ,
    PGQUEUER,
    SQL_EFFECT,
    SQL_STATEMENT,
    TASKIQ,
    Aula,
    Contestant,
    plain_celery,
    spared,
)
from tests.bench.drain import Drained, Entry, drain, rounds
from tests.bench.plan import MEASURES, OLD_TRANSACTION_SECONDS, RATES, Plan
from tests.bench.report import Results
from tests.bench.workloads import FULFILMENTS, PURCHASES


def measure(arenas: Arenas, plan: Plan) -> Results:
    results = Results()
    if 1 in plan.measures:
        entries = [Entry(Aula(), plan.jobs(20_000)), Entry(plain_celery("purchases"), plan.jobs(1_500))]
        results.purchases = rounds(arenas, PURCHASES, entries, plan.rounds)
    if 2 in plan.measures:
        others = (DRAMATIQ, TASKIQ)
        sizes: dict[int, tuple[Contestant, ...]] = {
            60_000: (Aula(), SQL_STATEMENT, SQL_EFFECT),
            20_000: (PGQUEUER, spared(PGQUEUER)),
            6_000: (*others, *map(spared, others)),
            3_000: (plain_celery("whole"), plain_celery("effect")),
        }
        entries = [Entry(one, plan.jobs(size)) for size, some in sizes.items() for one in some]
        results.fulfilments = rounds(arenas, FULFILMENTS, entries, plan.rounds)
    if 3 in plan.measures:
        results.intake = intake.rounds(arenas, plan.rounds, plan.seconds(8))
    if 4 in plan.measures:
        results.latency = latency.rounds(arenas, RATES, plan.rounds, plan.seconds(30))
    if 5 in plan.measures:
        count = backlog(arenas, results.purchases, plan)
        pair = [Entry(Aula(), count), Entry(Aula(), count, old_transaction=True)]
        results.old_transaction = rounds(arenas, PURCHASES, pair, plan.rounds)
    return results


def backlog(arenas: Arenas, known: dict[str, list[Drained]], plan: Plan) -> int:
    """As many purchases as keep the old transaction open for long enough, by the rate measured before."""
    runs = known.get("Aula") or [drain(arenas, PURCHASES, Entry(Aula(), plan.jobs(20_000)))]
    rate = median(run.rate for run in runs)
    return plan.jobs(round(rate * OLD_TRANSACTION_SECONDS * 1.15))


def warm_up(arenas: Arenas) -> None:
    """Read the programs from disk once, before anything counts."""
    drain(arenas, PURCHASES, Entry(Aula(), 400))
    for rival in (plain_celery("whole"), DRAMATIQ, TASKIQ, PGQUEUER):
        drain(arenas, FULFILMENTS, Entry(rival, 200))


def main() -> None:
    whole = Plan()
    parser = argparse.ArgumentParser(description="Measure Aula; without arguments, in full.")
    parser.add_argument("--only", type=int, nargs="+", choices=MEASURES, default=MEASURES, help="these measures")
    parser.add_argument("--rounds", type=int, default=whole.rounds, help="how often each runs")
    parser.add_argument("--scale", type=float, default=whole.scale, help="1 is full size")
    given = parser.parse_args()
    plan = Plan(tuple(given.only), given.rounds, given.scale)
    since = time.monotonic()
    with LocalServices("bench", fresh=True) as services:
        arenas = Arenas(services)
        if plan.whole:
            warm_up(arenas)
        results = measure(arenas, plan)
        page = report.page(results, plan, report.machine(services.database_url), time.monotonic() - since)
    if plan.whole:
        (ROOT / "docs" / "performance.md").write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
