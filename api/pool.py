"""The asynchronous connections of webhook intake and event streams."""

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from db.engine import INTAKE_POOL

AsyncPool = AsyncConnectionPool[AsyncConnection[TupleRow]]


def make_pool(database_url: str) -> AsyncPool:
    """A closed pool of connections in autocommit; it opens in the background, whether the database is there or not."""
    return AsyncConnectionPool(database_url, kwargs={"autocommit": True}, min_size=2, max_size=INTAKE_POOL, open=False)
