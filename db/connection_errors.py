"""Which errors of the database mean that the connection is lost, or leads to a server that is read-only."""

from typing import Final

import psycopg
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy.exc import DBAPIError

# Connection exceptions and an administrator's shutdown:
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_LOST_CLASSES: Final = ("08", "57P")


def is_connection_lost(error: BaseException) -> bool:
    """Whether `error` says that there is no connection that can write; a refused statement says no such thing."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or (error.orig is not None and is_connection_lost(error.orig))
    if isinstance(error, ReadOnlySqlTransaction):
        return True
    if not isinstance(error, psycopg.OperationalError):
        return False
    return error.sqlstate is None or error.sqlstate.startswith(_LOST_CLASSES)
