"""Measures the time from when a webhook is due to be sent until its enrollment is committed and visible."""

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Final

import psutil
import psycopg

from tests.bench.harness import Environment, Harness
from tests.bench.intake import serve
from tests.bench.systems import Aula
from tests.bench.workloads import load_pending_orders

WARM_UP: Final = 3.0
_TIMEOUT: Final = 60.0

# Each transaction that enrolls notifies with its id, the xmin of its rows; notifications arrive when it is visible.
_NOTIFY_ON_COMMIT: Final = """
create function app.bench_enrolled() returns trigger language plpgsql as $$
begin
    perform pg_notify('bench_enrolled', cast(cast(pg_current_xact_id() as xid) as text));
    return null;
end
$$;
create trigger bench_enrolled after insert on app.enrollments
    for each statement execute function app.bench_enrolled()
"""
_ENROLLED: Final = """
select cast(i.order_id as text), cast(e.xmin as text)
from app.enrollments e
join app.order_items i on i.id = e.order_item_id
"""


@dataclass(frozen=True, slots=True)
class LatencyRun:
    """Milliseconds from the due time of the webhook to the enrollment, for `count` purchases."""

    count: int
    median: float
    p99: float
    longest: float
    shares: dict[str, float]


class CommitListener(threading.Thread):
    """Records when each enrolling transaction commits, by the wall clock."""

    def __init__(self, database_url: str) -> None:
        super().__init__(daemon=True)
        self._connection = psycopg.connect(database_url, autocommit=True)
        self._connection.execute("listen bench_enrolled")
        self.committed_at: dict[str, float] = {}
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.is_set():
            for notification in self._connection.notifies(timeout=0.2, stop_after=1):
                self.committed_at.setdefault(notification.payload, time.time())
        self._connection.close()


def rounds(harness: Harness, rates: Sequence[int], count: int, seconds: float) -> dict[int, list[LatencyRun]]:
    runs: dict[int, list[LatencyRun]] = {rate: [] for rate in rates}
    for _ in range(count):
        for rate in rates:
            run = measure(harness, rate, seconds)
            runs[rate].append(run)
            print(f"  {rate}/s: median {run.median:.1f} ms, 99th {run.p99:.1f}, longest {run.longest:.1f}", flush=True)
    return runs


def measure(harness: Harness, rate: int, seconds: float) -> LatencyRun:
    with harness.open(load_pending_orders, int(rate * (WARM_UP + seconds))) as environment:
        purchases = _prepare(environment)
        file = environment.services.folder / "purchases.json"
        file.write_text(json.dumps(purchases), encoding="utf-8")
        listener = CommitListener(environment.database_url)
        listener.start()
        Aula().start(environment)
        environment.start("beat", "celery", "--app", "workers.app", "beat", "--loglevel=WARNING")
        port = serve(environment, "api.main:app")
        used, since = environment.processor_seconds(), time.monotonic()
        sent = environment.run_load_client(port=port, rate=rate, purchases=file)
        machine = (psutil.cpu_count() or 1) * (time.monotonic() - since)
        shares = {part: (total - used[part]) / machine for part, total in environment.processor_seconds().items()}
        enrolled = _enrolled(environment, len(purchases))
        listener.stopping.set()
        listener.join()
    start = min(sent.values()) + WARM_UP
    waits = sorted((listener.committed_at[enrolled[order]] - due) * 1000 for order, due in sent.items() if due >= start)
    return LatencyRun(len(waits), waits[len(waits) // 2], quantiles(waits, n=100)[98], waits[-1], shares)


def _prepare(environment: Environment) -> list[tuple[str, int]]:
    with psycopg.connect(environment.database_url, autocommit=True) as connection:
        connection.execute(_NOTIFY_ON_COMMIT)
        return connection.execute("select cast(id as text), total_amount from app.orders").fetchall()


def _enrolled(environment: Environment, count: int) -> dict[str, str]:
    """The id of the enrolling transaction by order; waits for the last enrollment."""
    with psycopg.connect(environment.database_url, autocommit=True) as connection:

        def read_if_complete() -> dict[str, str] | None:
            rows = connection.execute(_ENROLLED).fetchall()
            return dict(rows) if len(rows) == count else None

        return environment.wait("the last enrollment", _TIMEOUT, read_if_complete)
