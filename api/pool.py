"""The asynchronous connections of the webhook intake and the event streams."""

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from db.engine import INTAKE_POOL

AsyncPool = AsyncConnectionPool[AsyncConnection[TupleRow]]


def make_pool(database_url: str) -> AsyncPool:
    """A closed pool of connections in autocommit. Opening it does not wait for the database."""
    return AsyncConnectionPool(database_url, kwargs={"autocommit": True}, min_size=2, max_size=INTAKE_POOL, open=False)
