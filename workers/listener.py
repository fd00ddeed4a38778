"""The relay's LISTEN connection; notifications arrive on commit."""

from collections.abc import Iterator
from typing import Any, Final

import psycopg
import structlog

from db.engine import SESSION_OPTIONS
from db.limits import NETWORK

JOBS: Final = "aula_jobs"
DONE: Final = "aula_done"

log = structlog.get_logger()


class Listener:
    """A connection that only listens. A lost connection raises psycopg.OperationalError; make a new Listener."""

    def __init__(self, database_url: str) -> None:
        options: dict[str, Any] = {**NETWORK, "options": SESSION_OPTIONS}
        self._connection = psycopg.connect(database_url, autocommit=True, **options)
        self._warn_of_pooler()
        # The last statements: readiness knows a relay by them.
        for channel in (JOBS, DONE):
            self._connection.execute(f"listen {channel}")

    def receive(self, seconds: float) -> Iterator[tuple[str, str]]:
        """Wait at most `seconds` for a notification; yields all that have arrived, as (channel, payload)."""
        for notification in self._connection.notifies(timeout=seconds, stop_after=1):
            yield notification.channel, notification.payload

    def _warn_of_pooler(self) -> None:
        """A pooler answers with a process id of its own. In transaction mode no notification would ever arrive."""
        row = self._connection.execute("select pg_backend_pid()").fetchone()
        if row and row[0] != self._connection.info.backend_pid:
            log.warning("relay: a pooler is between", needs="session mode, or a direct connection; see aula doctor")

    def close(self) -> None:
        """Stop listening."""
        self._connection.close()
