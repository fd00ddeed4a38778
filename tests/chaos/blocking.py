"""Block a worker in the middle of a batch, and find the blocked process."""

from collections.abc import Generator
from contextlib import contextmanager

import psutil
from sqlalchemy import text

from scripts.local.processes import Process
from tests.chaos.deployment import Deployment, child_processes
from tests.chaos.timeouts import TIMEOUT
from tests.support.waiting import wait_until

# Workers wait for each other's locks too, for a moment.
_BLOCKED_PORTS = text("""
select client_port from pg_stat_activity
where datname = current_database() and client_port is not null and :holder = any (pg_blocking_pids(pid))
""")


@contextmanager
def locked_rows(deployment: Deployment, statement: str, **params: object) -> Generator[int]:
    """Lock the rows of a `select … for update`: a transaction that needs one of them waits for this backend."""
    with deployment.sessions() as session:
        rows = session.execute(text(statement), params).all()
        assert rows, "no rows to lock"
        yield session.scalars(text("select pg_backend_pid()")).one()
        session.rollback()


def blocked_child(deployment: Deployment, worker: Process, holder: int) -> psutil.Process:
    """The child of a worker that waits for a row lock of the backend `holder`."""

    def find() -> psutil.Process | None:
        with deployment.sessions() as session:
            ports = set(session.scalars(_BLOCKED_PORTS, {"holder": holder}))
        return next((child for child in child_processes(worker) if ports & _local_ports(child)), None)

    found = wait_until(find, "a child waits for a row lock", TIMEOUT)
    assert found is not None
    return found


def _local_ports(process: psutil.Process) -> set[int]:
    try:
        return {connection.laddr.port for connection in process.net_connections("tcp") if connection.laddr}
    except psutil.NoSuchProcess:
        return set()
