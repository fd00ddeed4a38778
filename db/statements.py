"""Runs hot SQL on the driver itself: for work that is one statement, and so a transaction by itself.

A session's own work is a third of a worker process's time where the work is one statement: what it promises, objects
and one transaction for several statements, is not needed there.
"""

from collections.abc import Mapping
from typing import Any, Self, cast

import psycopg
from psycopg.errors import ReadOnlySqlTransaction
from psycopg.rows import TupleRow
from sqlalchemy import Connection, Engine

from db.queries import driver_query


class Statements:
    """Runs statements of `db/sql` in autocommit, on one connection of the engine's pool that it keeps.

    After a lost connection, or one to a server that has become read-only, the next statement has a new one.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, name: str, parameters: Mapping[str, Any] | None = None) -> list[TupleRow]:
        """The rows of the statement in `db/sql/<name>.sql`, committed.

        Raises:
            psycopg.Error: the database refused it, or the connection was lost.
            sqlalchemy.exc.OperationalError: there is no connection to be had.
        """
        driver = self._driver()
        try:
            return driver.execute(driver_query(name), parameters).fetchall()
        except (psycopg.OperationalError, ReadOnlySqlTransaction) as error:
            lost = driver.closed or isinstance(error, ReadOnlySqlTransaction)
            if lost and self._connection:
                self._connection.invalidate()
                self.close()
            raise

    def close(self) -> None:
        """Give the connection back to the pool."""
        held, self._connection = self._connection, None
        if held is not None:
            held.close()

    def _driver(self) -> psycopg.Connection[TupleRow]:
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        return cast("psycopg.Connection[TupleRow]", self._connection.connection.driver_connection)
