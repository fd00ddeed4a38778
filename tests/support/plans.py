"""Generic query plans of the statements in core, and the tables that they scan whole."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from psycopg import Connection, sql

from db.queries import source

# Tables that grow without bound.
GROWING = {
    *("jobs", "webhook_events", "orders", "order_items", "payments", "enrollments", "mail_messages", "audit_events"),
    "profiles",
}
# Partial indexes of unfinished rows; a full scan of one is allowed.
UNFINISHED = {
    *("jobs_pending", "jobs_isolated", "jobs_dispatched", "jobs_dead"),
    *("webhook_events_unprocessed", "webhook_events_dead"),
    *("audit_events_unsealed", "orders_unpaid", "payments_processing", "mail_messages_unsent"),
}


def plan(connection: Connection[tuple[Any, ...]], name: str) -> Mapping[str, Any]:
    """The plan of a statement in core. Skips where PostgreSQL is older than 16, which cannot explain a generic plan."""
    if connection.info.server_version < 160000:
        pytest.skip("PostgreSQL before 16 cannot explain a generic plan")
    names: list[str] = []

    def numbered(found: re.Match[str]) -> str:
        if found[1] not in names:
            names.append(found[1])
        return f"${names.index(found[1]) + 1}"

    return explain(connection, re.sub(r"(?<!:):([a-z_]+)", numbered, re.sub(r"--.*", "", source(name))))


def explain(connection: Connection[tuple[Any, ...]], statement: str) -> Mapping[str, Any]:
    """The plan of any statement, which may have parameters as `$1`."""
    explained = sql.SQL("explain (generic_plan, format json) {}").format(sql.SQL(statement))  # pyright: ignore[reportArgumentType] - our own files
    row = connection.execute(explained, prepare=False).fetchone()
    connection.rollback()
    assert row
    (found,) = row[0]
    return found["Plan"]


def full_scans(node: Mapping[str, Any]) -> Iterator[str]:
    """The tables without bound that a plan reads whole, by a scan or through an index."""
    table = node.get("Relation Name")
    by_index = "Index Cond" in node or "Recheck Cond" in node or node.get("Index Name") in UNFINISHED
    if table in GROWING and "Scan" in node["Node Type"] and not by_index:
        yield str(table)
    for below in node.get("Plans", []):
        yield from full_scans(below)
