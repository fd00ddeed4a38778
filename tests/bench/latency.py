"""From the moment a webhook is due to be sent until the enrollment it buys is committed and seen."""

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Final

import psutil
import psycopg

from tests.bench.arena import Arena, Arenas
from tests.bench.contestants import Aula
from tests.bench.intake import serve
from tests.bench.workloads import place

WARM_UP: Final = 3.0
_PATIENCE: Final = 60.0

# Every commit that enrolls says so, under the number that its rows carry; it is heard when they can be seen.
_TELL: Final = """
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
class Waited:
    """Milliseconds from sent to enrolled, of `count` purchases."""

    count: int
    median: float
    p99: float
    longest: float
    shares: dict[str, float]


class Ear(threading.Thread):
    """Hears each enrolling commit, and notes when by the wall clock."""

    def __init__(self, database_url: str) -> None:
        super().__init__(daemon=True)
        self._connection = psycopg.connect(database_url, autocommit=True)
        self._connection.execute("listen bench_enrolled")
        self.heard: dict[str, float] = {}
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.is_set():
            for notice in self._connection.notifies(timeout=0.2, stop_after=1):
                self.heard.setdefault(notice.payload, time.time())
        self._connection.close()


def rounds(arenas: Arenas, rates: Sequence[int], count: int, seconds: float) -> dict[int, list[Waited]]:
    runs: dict[int, list[Waited]] = {rate: [] for rate in rates}
    for _ in range(count):
        for rate in rates:
            run = at(arenas, rate, seconds)
            runs[rate].append(run)
            print(f"  {rate}/s: median {run.median:.1f} ms, 99th {run.p99:.1f}, longest {run.longest:.1f}", flush=True)
    return runs


def at(arenas: Arenas, rate: int, seconds: float) -> Waited:
    with arenas.open(place, int(rate * (WARM_UP + seconds))) as arena:
        purchases = _prepare(arena)
        file = arena.services.folder / "purchases.json"
        file.write_text(json.dumps(purchases), encoding="utf-8")
        ear = Ear(arena.database_url)
        ear.start()
        Aula().start(arena)
        arena.start("beat", "celery", "--app", "workers.app", "beat", "--loglevel=WARNING")
        port = serve(arena, "api.main:app")
        used, since = arena.processor_seconds(), time.monotonic()
        sent = arena.load(port=port, rate=rate, purchases=file)
        machine = (psutil.cpu_count() or 1) * (time.monotonic() - since)
        shares = {part: (total - used[part]) / machine for part, total in arena.processor_seconds().items()}
        enrolled = _enrolled(arena, len(purchases))
        ear.stopping.set()
        ear.join()
    start = min(sent.values()) + WARM_UP
    waits = sorted((ear.heard[enrolled[order]] - due) * 1000 for order, due in sent.items() if due >= start)
    return Waited(len(waits), waits[len(waits) // 2], quantiles(waits, n=100)[98], waits[-1], shares)


def _prepare(arena: Arena) -> list[tuple[str, int]]:
    with psycopg.connect(arena.database_url, autocommit=True) as connection:
        connection.execute(_TELL)
        return connection.execute("select cast(id as text), total_amount from app.orders").fetchall()


def _enrolled(arena: Arena, count: int) -> dict[str, str]:
    """The transaction that enrolled the buyer, by order; waits for the last."""
    with psycopg.connect(arena.database_url, autocommit=True) as look:

        def all_of_them() -> dict[str, str] | None:
            rows = look.execute(_ENROLLED).fetchall()
            return dict(rows) if len(rows) == count else None

        return arena.wait("the last enrollment", _PATIENCE, all_of_them)
