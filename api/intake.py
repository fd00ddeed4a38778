"""The intake of webhooks: stores events that arrive together in one statement and one commit."""

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from typing import Final, Self

import orjson
import psycopg
import structlog
from psycopg.errors import ReadOnlySqlTransaction
from psycopg.rows import TupleRow
from psycopg_pool import PoolTimeout

from api.pool import AsyncPool
from core.webhooks.new_event import NewEvent, merge_deliveries
from db.queries import driver_query

# Two writers keep the database busy while the next group gathers. A third would make the groups smaller.
WRITERS: Final = 2
MAX_GROUP: Final = 200
# Seconds between two groups, unless FULL_GROUP events wait earlier. Larger groups make every later step cheaper per
# event. An event that arrives after an idle period is written at once.
LINGER: Final = 0.008
FULL_GROUP: Final = 16
# Seconds to wait for a connection, before the sender is asked to deliver again.
CONNECT_TIMEOUT: Final = 5.0

log = structlog.get_logger("intake")


class StoreUnavailable(Exception):  # noqa: N818 - a state of the system, not a bug
    """The event may not be stored: the database cannot be reached, or did not confirm the commit."""


@dataclass(frozen=True, slots=True)
class _PendingEvent:
    event: NewEvent
    stored: asyncio.Future[None]


class Intake:
    """Stores events while its context is open. The connections of `pool` are in autocommit: one statement, one commit.

    `linger` is the time between two groups, in seconds.
    """

    def __init__(self, pool: AsyncPool, linger: float = LINGER) -> None:
        self._pool = pool
        self._linger = linger
        self._queue: deque[_PendingEvent] = deque()
        self._ready = asyncio.Event()
        self._writers: list[asyncio.Task[None]] = []
        self._last_group = -inf
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        self._writers = [asyncio.create_task(self._write()) for _ in range(WRITERS)]
        return self

    async def __aexit__(self, *_: object) -> None:
        for writer in self._writers:
            writer.cancel()
        for writer in self._writers:
            with suppress(asyncio.CancelledError):
                await writer

    async def store(self, event: NewEvent) -> None:
        """Return when the event and its job are committed. Raises StoreUnavailable or psycopg.Error."""
        loop = asyncio.get_running_loop()
        pending = _PendingEvent(event, loop.create_future())
        self._queue.append(pending)
        if len(self._queue) >= FULL_GROUP:
            self._flush()
        elif self._timer is None:
            self._timer = loop.call_at(self._last_group + self._linger, self._flush)
        await pending.stored

    def _flush(self) -> None:
        """Let the next free writer take the queued events."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._ready.set()

    async def _write(self) -> None:
        while True:
            await self._ready.wait()
            group = [self._queue.popleft() for _ in range(min(len(self._queue), MAX_GROUP))]
            if not self._queue:
                self._ready.clear()
            if group:
                self._last_group = asyncio.get_running_loop().time()
                await self._store(group)

    async def _store(self, group: list[_PendingEvent]) -> None:
        try:
            await self._insert([pending.event for pending in group])
        except (psycopg.OperationalError, ReadOnlySqlTransaction, PoolTimeout) as error:
            log.warning("events not stored", count=len(group), error=type(error).__name__)
            _resolve(group, StoreUnavailable())
        except psycopg.Error as error:
            if len(group) == 1:
                log.exception("event refused", event_id=group[0].event.event_id)
                _resolve(group, error)
                return
            # Find the refused event: store each of the group alone.
            for pending in group:
                await self._store([pending])
        else:
            _resolve(group, None)

    async def _insert(self, events: list[NewEvent]) -> None:
        async with self._pool.connection(timeout=CONNECT_TIMEOUT) as connection:
            rows: psycopg.AsyncCursor[TupleRow] = connection.cursor()
            events_json = orjson.dumps(merge_deliveries(events)).decode()
            try:
                await rows.execute(driver_query("webhooks/store"), {"events": events_json}, prepare=True)
            except ReadOnlySqlTransaction:
                # The pool replaces it by a connection to a server that can write.
                await connection.close()
                raise


def _resolve(group: list[_PendingEvent], error: Exception | None) -> None:
    for pending in group:
        # A client that has disconnected cancelled its future; its event is stored all the same.
        if pending.stored.done():
            continue
        if error is None:
            pending.stored.set_result(None)
        else:
            pending.stored.set_exception(error)
