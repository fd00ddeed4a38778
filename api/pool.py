"""The asynchronous connections of the webhook intake."""

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from db.engine import INTAKE_POOL, SESSION_OPTIONS
from db.limits import NETWORK, REQUEST_WAITS

AsyncPool = AsyncConnectionPool[AsyncConnection[TupleRow]]


def make_pool(database_url: str) -> AsyncPool:
    """A closed pool of connections in autocommit. Opening it does not wait for the database."""
    options = {**NETWORK, "autocommit": True, "options": SESSION_OPTIONS + REQUEST_WAITS}
    return AsyncConnectionPool(database_url, kwargs=options, min_size=2, max_size=INTAKE_POOL, open=False)
