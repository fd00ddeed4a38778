"""Each connection to PostgreSQL: what ends its waits, at both ends, and what it asks the server for."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg
import pytest
from psycopg import AsyncConnection
from sqlalchemy import Engine, text
from sqlalchemy.exc import InternalError, OperationalError

from api.pool import make_pool
from db import limits
from db.connection_errors import is_connection_lost
from db.engine import make_engine, make_jobs_engine
from db.limits import REQUEST_WAITS
from db.statements import Statements
from scripts.local.services import LocalServices
from tests.support.databases import fresh_database
from workers.listener import Listener

REQUESTS: dict[str, str] = {
    "statement_timeout": "10s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
}
JOBS = {"statement_timeout": "5min", "lock_timeout": "30s", "idle_in_transaction_session_timeout": "5min"}
SERVER_END = {"tcp_user_timeout": "10000", "tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5"}
Make = Callable[[str], Engine]


def of_requests(url: str) -> Engine:
    return make_engine(url, 1, REQUEST_WAITS)


def of_jobs(url: str) -> Engine:
    return make_jobs_engine(url, 1)


@pytest.fixture
def own_url(services: LocalServices, migrated_template: str) -> Iterator[str]:
    """A database whose defaults a test may change."""
    with fresh_database(services.database_url, "aula_limits", template=migrated_template) as url:
        yield url


def set_default(url: str, name: str, value: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"alter database {connection.info.dbname} set {name} = {value}".encode())


def make_writable(url: str) -> None:
    with psycopg.connect(url, autocommit=True, options="-c default_transaction_read_only=off") as connection:
        connection.execute(f"alter database {connection.info.dbname} reset default_transaction_read_only".encode())


@pytest.mark.parametrize(("make", "waits"), [(of_requests, REQUESTS), (of_jobs, JOBS)])
def test_the_server_ends_the_waits_of_a_connection(database_url: str, make: Make, waits: dict[str, str]) -> None:
    engine = make(database_url)
    with engine.connect() as connection:
        shown = {name: connection.scalar(text(f"show {name}")) for name in waits}
        network = {name: connection.scalar(text(f"show {name}")) for name in SERVER_END}
    engine.dispose()
    assert (shown, network) == (waits, SERVER_END)


@pytest.mark.parametrize("make", [of_requests, of_jobs])
def test_a_connection_to_a_host_that_acknowledges_nothing_is_lost(database_url: str, make: Make) -> None:
    engine = make(database_url)
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        assert_ends(driver.fileno())
    engine.dispose()


def test_the_listener_is_probed_too(database_url: str) -> None:
    with closing(Listener(database_url)) as listener:
        assert_ends(listener._connection.fileno())  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - its own


def assert_ends(descriptor: int) -> None:
    with socket.fromfd(descriptor, socket.AF_INET, socket.SOCK_STREAM) as copy:
        assert copy.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == limits.SILENT_SECONDS * 1000
        assert copy.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert copy.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == limits.PROBE_SECONDS


@pytest.mark.parametrize("make", [of_requests, of_jobs])
def test_a_server_whose_default_is_serializable_gives_read_committed(own_url: str, make: Make) -> None:
    set_default(own_url, "default_transaction_isolation", "serializable")
    engine = make(own_url)
    with engine.connect() as connection:
        assert connection.scalar(text("show transaction_isolation")) == "read committed"
    engine.dispose()


def test_the_intake_asks_for_the_same(own_url: str) -> None:
    set_default(own_url, "default_transaction_isolation", "serializable")

    async def check() -> None:
        async with make_pool(own_url) as pool, pool.connection() as connection:
            assert await shown(connection, "transaction_isolation") == "read committed"
            assert {name: await shown(connection, name) for name in REQUESTS} == REQUESTS
            assert_ends(connection.fileno())

    asyncio.run(check())


async def shown(connection: AsyncConnection[tuple[object, ...]], name: str) -> object:
    row = await (await connection.execute(f"show {name}".encode())).fetchone()
    return row[0] if row else None


@pytest.mark.parametrize("make", [of_requests, of_jobs])
def test_a_server_that_has_become_read_only_is_left_until_it_can_write(own_url: str, make: Make) -> None:
    engine = make(own_url)
    write = text("update app.job_kinds set queue = queue")
    with engine.begin() as connection:
        connection.execute(text("set default_transaction_read_only = on"))
    set_default(own_url, "default_transaction_read_only", "on")
    with pytest.raises(InternalError) as refused, engine.begin() as connection:
        connection.execute(write)
    assert is_connection_lost(refused.value)
    with pytest.raises(OperationalError, match="read-only") as unreachable:
        engine.connect()
    assert is_connection_lost(unreachable.value)
    make_writable(own_url)
    with engine.begin() as connection:
        connection.execute(write)
    engine.dispose()


def test_single_statements_leave_a_read_only_server_too(own_url: str) -> None:
    engine = of_jobs(own_url)
    lanes = {"lanes": '[{"kind": "mail.send", "priority": 1}]', "lease": 1}
    with Statements(engine) as statements:
        statements.run("jobs/claim", lanes)
        held = statements._connection  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - its own
        assert held
        held.execute(text("set default_transaction_read_only = on"))
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction) as refused:
            statements.run("jobs/claim", lanes)
        assert is_connection_lost(refused.value)
        assert statements.run("jobs/claim", lanes) == []
    engine.dispose()
