"""The same work on empty tables and on those of some busy years: `python -m tests.bench.growth` prints a table.

It runs once, since filling takes most of the time. Without arguments: 5 million purchases and 20 million finished jobs.
"""

import argparse
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.audit.seal import seal
from core.console.jobs import kinds
from core.enrollments.grant import grant
from core.jobs.readiness import measure_readiness
from core.jobs.work import complete
from core.maintenance.check import recent, violations
from core.maintenance.prune import prune
from core.messages import FulfilOrder, GrantEnrollment
from core.metrics.read import read
from core.orders.fulfil import fulfil
from core.retention import Retention
from core.webhooks.origin import Origin
from core.webhooks.parse import read_stripe_event
from core.webhooks.process import apply_batch
from core.wiring.handlers import EVENT_HANDLERS
from scripts.local.instances import ROOT
from scripts.local.services import LocalServices
from tests.support.databases import fresh_database, migrate
from tests.support.jobs import claim_due, job_sessions, statements, value
from tests.support.purchases import paid_event, place_orders
from tests.support.stored_events import store

DRAINED: Final = 5_000
_CHUNK: Final = 100_000
_SQL: Final = ROOT / "tests" / "bench" / "sql"


def main() -> None:
    """Measure on empty tables, fill them, measure again, and print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--purchases", type=int, default=5_000_000)
    parser.add_argument("--jobs", type=int, default=20_000_000)
    given = parser.parse_args()
    with LocalServices("bench", fresh=True) as services, fresh_database(services.database_url, "growth") as url:
        migrate(url)
        with job_sessions(url) as sessions:
            drain(sessions)
            before = measure(sessions)
            began = time.monotonic()
            fill(sessions, "fill_purchases", given.purchases)
            fill(sessions, "fill_jobs", given.jobs)
            run(sessions, "analyze")
            print(f"filled in {time.monotonic() - began:,.0f} s", flush=True)
        # New connections, as after a deployment: plans are made anew.
        with job_sessions(url) as sessions:
            drain(sessions)
            after = measure(sessions)
    show(given, before, after)


def fill(sessions: sessionmaker[Session], name: str, rows: int) -> None:
    """Insert rows 1 to `rows` by the statements of a file, a part at a time."""
    statements_of_file = (_SQL / f"{name}.sql").read_text(encoding="utf-8").strip().split(";\n\n")
    sealed = value(sessions, "select max(seq) from app.audit_events")
    for first in range(1, rows + 1, _CHUNK):
        with sessions.begin() as session:
            # Foreign keys and triggers are not checked, and commits are not waited for.
            session.execute(text("set local session_replication_role = replica"))
            session.execute(text("set local synchronous_commit = off"))
            params = {"sealed": sealed, "rows": rows, "first": first, "last": min(first + _CHUNK - 1, rows)}
            for statement in statements_of_file:
                session.execute(text(statement), params)


def run(sessions: sessionmaker[Session], statement: str) -> None:
    with sessions.begin() as session:
        session.execute(text(statement))


def measure(sessions: sessionmaker[Session]) -> Mapping[str, float]:
    """Purchases a second by one worker, and milliseconds of each other."""
    now = datetime.now(UTC)
    rates = sorted(drain(sessions) for _ in range(3))
    sealing = milliseconds(sessions, seal)
    while value(sessions, "select exists (select from app.audit_events where seq is null)"):
        with sessions.begin() as session:
            seal(session)
    with sessions() as session:
        print(f"  violated: {dict(violations(session, scope=recent(now, now)))}", flush=True)
    return {
        "purchases a second, one worker": rates[1],
        "ms: audit.seal, 20,000 entries": sealing,
        "ms: maintenance.check": milliseconds(sessions, lambda s: violations(s, scope=recent(now, now))),
        "ms: maintenance.prune, nothing to delete": milliseconds(sessions, lambda s: prune(s, now, Retention())),
        "ms: readiness": milliseconds(sessions, lambda s: measure_readiness(s, now)),
        "ms: metrics": milliseconds(sessions, lambda s: read(s, now)),
        "ms: the operator's kinds and queues": milliseconds(sessions, kinds),
    }


def milliseconds(sessions: sessionmaker[Session], work: Callable[[Session], object]) -> float:
    """The second of two runs, in a transaction that is rolled back."""
    for _ in range(2):
        with sessions() as session:
            began = time.monotonic()
            work(session)
            took = (time.monotonic() - began) * 1000
    return took  # pyright: ignore[reportPossiblyUnboundVariable] - the loop runs


def drain(sessions: sessionmaker[Session]) -> float:
    """Purchases a second, from the stored events to the last job, by the real statements in this process."""
    with sessions.begin() as session:
        store(session, [read_stripe_event(paid_event(purchase)) for purchase in place_orders(session, DRAINED)])
    began = time.monotonic()
    while batches := claim_due(sessions):
        for batch in batches:
            with sessions.begin() as session, statements(sessions) as one:
                match batch.kind:
                    case FulfilOrder.kind:
                        fulfil(one, batch)
                    case GrantEnrollment.kind:
                        grant(one, batch)
                    case "webhooks.process":
                        apply_batch(one, batch, EVENT_HANDLERS, Origin(livemode=False))
                    case _:
                        complete(session, batch, dict.fromkeys(batch.job_ids))
    return DRAINED / (time.monotonic() - began)


def show(given: argparse.Namespace, before: Mapping[str, float], after: Mapping[str, float]) -> None:
    """Print what was measured on both."""
    print(f"| | empty | {given.purchases:,} purchases, {given.jobs:,} jobs | ratio |\n| --- | --- | --- | --- |")
    for name, empty in before.items():
        print(f"| {name} | {empty:,.1f} | {after[name]:,.1f} | {after[name] / empty:.2f} |")


if __name__ == "__main__":
    main()
