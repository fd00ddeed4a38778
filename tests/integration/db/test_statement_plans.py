"""Query plans on empty tables: no statement scans a table that will grow."""

from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import Connection

from core.maintenance.check import invariants
from db.engine import make_jobs_engine
from db.queries import statement_names
from tests.support.plans import explain, full_scans, plan

# Invariants may scan whole tables.
STATEMENTS = sorted(set(statement_names()) - set(invariants()))


@pytest.fixture(scope="module")
def connection(database_url: str) -> Iterator[Connection[tuple[Any, ...]]]:
    """A connection with the settings of relay and workers, on empty tables."""
    engine = make_jobs_engine(database_url, 1)
    held = engine.raw_connection()
    driver: Any = held.driver_connection
    yield driver
    held.close()
    engine.dispose()


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_statement_scans_a_whole_table(connection: Connection[tuple[Any, ...]], name: str) -> None:
    assert list(full_scans(plan(connection, name))) == []


def test_a_statement_that_scans_a_whole_table_is_found(connection: Connection[tuple[Any, ...]]) -> None:
    found = explain(connection, "select count(*) from app.jobs where payload = '{}'")
    assert list(full_scans(found)) == ["jobs"]
