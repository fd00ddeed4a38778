"""The intake of webhooks: gathers what arrives together into one statement and one commit, and answers after it."""

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from typing import Final, Self

import orjson
import psycopg
import structlog
from psycopg.rows import TupleRow
from psycopg_pool import PoolTimeout

from api.pool import AsyncPool
from core.webhooks.parse import StripeEvent, merge_deliveries
from db.queries import driver_query

# Two writers keep the database busy while the next group gathers; a third would only make the groups smaller.
WRITERS: Final = 2
LARGEST_GROUP: Final = 200
# Seconds from one group to the next, unless enough have gathered before: what each job costs on its whole way falls
# with the size of the group that it came in. Who comes after a quiet moment waits for nobody.
LINGER: Final = 0.008
ENOUGH: Final = 16
# Seconds to wait for a connection before the far side is asked to come again.
PATIENCE: Final = 5.0

log = structlog.get_logger("intake")


class StoreUnavailable(Exception):  # noqa: N818 - a fact
    """The event is not stored: the database cannot be reached, or did not say that it committed."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    event: StripeEvent
    stored: asyncio.Future[None]


class Intake:
    """Stores events for as long as it is entered. `pool` gives connections in autocommit: one statement, one commit.

    `linger` is the seconds from one group to the next.
    """

    def __init__(self, pool: AsyncPool, linger: float = LINGER) -> None:
        self._pool = pool
        self._linger = linger
        self._queue: deque[_Waiting] = deque()
        self._ready = asyncio.Event()
        self._writers: list[asyncio.Task[None]] = []
        self._left = -inf
        self._lingering: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        self._writers = [asyncio.create_task(self._write()) for _ in range(WRITERS)]
        return self

    async def __aexit__(self, *_: object) -> None:
        for writer in self._writers:
            writer.cancel()
        for writer in self._writers:
            with suppress(asyncio.CancelledError):
                await writer

    async def store(self, event: StripeEvent) -> None:
        """Return when the event and its job are committed. Raises StoreUnavailable, or the database's refusal."""
        loop = asyncio.get_running_loop()
        waiting = _Waiting(event, loop.create_future())
        self._queue.append(waiting)
        if len(self._queue) >= ENOUGH:
            self._leave()
        elif self._lingering is None:
            self._lingering = loop.call_at(self._left + self._linger, self._leave)
        await waiting.stored

    def _leave(self) -> None:
        """What has gathered may go, as soon as a writer is free."""
        if self._lingering is not None:
            self._lingering.cancel()
            self._lingering = None
        self._ready.set()

    async def _write(self) -> None:
        while True:
            await self._ready.wait()
            group = [self._queue.popleft() for _ in range(min(len(self._queue), LARGEST_GROUP))]
            if not self._queue:
                self._ready.clear()
            if group:
                self._left = asyncio.get_running_loop().time()
                await self._store(group)

    async def _store(self, group: list[_Waiting]) -> None:
        try:
            await self._insert([waiting.event for waiting in group])
        except (psycopg.OperationalError, PoolTimeout) as error:
            log.warning("events not stored", count=len(group), error=type(error).__name__)
            _tell(group, StoreUnavailable())
        except psycopg.Error as error:
            if len(group) == 1:
                log.exception("event refused", event_id=group[0].event.event_id)
                _tell(group, error)
                return
            # One that the database refuses must not fail its company.
            for waiting in group:
                await self._store([waiting])
        else:
            _tell(group, None)

    async def _insert(self, events: list[StripeEvent]) -> None:
        async with self._pool.connection(timeout=PATIENCE) as connection:
            rows: psycopg.AsyncCursor[TupleRow] = connection.cursor()
            events_json = orjson.dumps(merge_deliveries(events)).decode()
            await rows.execute(driver_query("webhooks/store"), {"events": events_json}, prepare=True)


def _tell(group: list[_Waiting], error: Exception | None) -> None:
    for waiting in group:
        # One whose client has gone is no longer waited for; what it brought is stored all the same.
        if waiting.stored.done():
            continue
        if error is None:
            waiting.stored.set_result(None)
        else:
            waiting.stored.set_exception(error)
