"""Query plans on empty and small tables: no statement scans a table that will grow."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from psycopg import Connection, sql

from core.maintenance.check import invariants
from db.engine import make_jobs_engine
from db.queries import source, statement_names

# Tables that grow without bound.
GROWING = {
    *("jobs", "webhook_events", "orders", "order_items", "payments", "enrollments", "mail_messages", "audit_events"),
    "profiles",
}
# Partial indexes of unfinished rows; a full scan of one is allowed.
UNFINISHED = {
    *("jobs_pending", "jobs_dispatched", "jobs_dead", "webhook_events_unprocessed", "webhook_events_dead"),
    *("audit_events_unsealed", "orders_unpaid", "mail_messages_unsent"),
}
# Invariants may scan whole tables.
STATEMENTS = sorted(set(statement_names()) - set(invariants()))
# Every hop of a purchase runs these. A worker keeps its plans until the table is analysed again.
HOT = ("jobs/complete", "payments/apply_paid", "orders/fulfil", "enrollments/grant", "webhooks/apply_outcomes")

SOME_ROWS = """
with events as (
    insert into app.webhook_events (provider, event_id, type, occurred_at, body, state, processed_at)
    select 'stripe', 'evt_' || n, 'charge.updated', now(), '{}', 'processed', now() from generate_series(1, 100) n
)
insert into app.jobs (kind, payload, state, finished_at)
select 'mail.send', '{}', 'succeeded', now() from generate_series(1, 300)
"""


@pytest.fixture(scope="module")
def connection(database_url: str) -> Iterator[Connection[tuple[Any, ...]]]:
    """A connection with the settings of relay and workers, on empty tables."""
    engine = make_jobs_engine(database_url, 1)
    held = engine.raw_connection()
    driver: Any = held.driver_connection
    if driver.info.server_version < 160000:
        pytest.skip("PostgreSQL before 16 cannot explain a generic plan")
    yield driver
    held.close()
    engine.dispose()


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_statement_scans_a_whole_table(connection: Connection[tuple[Any, ...]], name: str) -> None:
    assert list(_full_scans(_plan(connection, name))) == []


@pytest.mark.parametrize("name", HOT)
def test_no_hot_statement_scans_all_jobs_or_events_when_it_was_planned_early(
    connection: Connection[tuple[Any, ...]], name: str
) -> None:
    connection.execute(SOME_ROWS)
    connection.execute("analyze app.jobs, app.webhook_events")
    assert not {"jobs", "webhook_events"} & set(_full_scans(_plan(connection, name)))


def test_a_statement_that_scans_a_whole_table_is_found(connection: Connection[tuple[Any, ...]]) -> None:
    plan = _explain(connection, "select count(*) from app.jobs where payload = '{}'")
    assert list(_full_scans(plan)) == ["jobs"]


def _plan(connection: Connection[tuple[Any, ...]], name: str) -> Mapping[str, Any]:
    names: list[str] = []

    def numbered(found: re.Match[str]) -> str:
        if found[1] not in names:
            names.append(found[1])
        return f"${names.index(found[1]) + 1}"

    return _explain(connection, re.sub(r"(?<!:):([a-z_]+)", numbered, re.sub(r"--.*", "", source(name))))


def _explain(connection: Connection[tuple[Any, ...]], statement: str) -> Mapping[str, Any]:
    explain = sql.SQL("explain (generic_plan, format json) {}").format(sql.SQL(statement))  # pyright: ignore[reportArgumentType] - our own files
    row = connection.execute(explain, prepare=False).fetchone()
    connection.rollback()
    assert row
    (plan,) = row[0]
    return plan["Plan"]


def _full_scans(node: Mapping[str, Any]) -> Iterator[str]:
    table = node.get("Relation Name")
    by_index = "Index Cond" in node or "Recheck Cond" in node or node.get("Index Name") in UNFINISHED
    if table in GROWING and "Scan" in node["Node Type"] and not by_index:
        yield str(table)
    for below in node.get("Plans", []):
        yield from _full_scans(below)
