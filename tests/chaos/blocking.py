"""Stop a worker in the middle of a batch, and find the process that is stopped."""

from collections.abc import Generator
from contextlib import contextmanager

import psutil
from sqlalchemy import text

from scripts.local.processes import Process
from tests.chaos.house import House, children
from tests.chaos.patience import PATIENCE
from tests.support.waiting import wait_until

_WAITING_PORTS = text("""
select client_port from pg_stat_activity
where datname = current_database() and wait_event_type = 'Lock' and client_port is not null
""")


@contextmanager
def held(house: House, statement: str, **params: object) -> Generator[None]:
    """The rows of a `select … for update` are locked: whoever needs one waits in mid transaction."""
    with house.sessions() as session:
        rows = session.execute(text(statement), params).all()
        assert rows, "nothing to hold"
        yield
        session.rollback()


def stopped_child(house: House, worker: Process) -> psutil.Process:
    """The child of a worker that waits for a row which is held."""

    def look() -> psutil.Process | None:
        with house.sessions() as session:
            ports = set(session.scalars(_WAITING_PORTS))
        return next((child for child in children(worker) if ports & _ports(child)), None)

    found = wait_until(look, "a child waits in mid batch", PATIENCE)
    assert found is not None
    return found


def _ports(process: psutil.Process) -> set[int]:
    try:
        return {connection.laddr.port for connection in process.net_connections("tcp") if connection.laddr}
    except psutil.NoSuchProcess:
        return set()
