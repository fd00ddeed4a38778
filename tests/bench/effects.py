"""The work of a job without a queue: Aula's statements without the jobs table, as every baseline runs them."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, LiteralString

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from core.settings import settings
from db.engine import REPEATED

# As in Aula's workers: prepared statements with one generic plan each.
_PLANS: Final = "-c jit=off -c plan_cache_mode=force_generic_plan"
OPTIONS: Final[dict[str, Any]] = {
    "autocommit": True,
    "options": _PLANS,
    "prepare_threshold": 0,
}
# For a queue in the same database, where a crash rolls back an effect together with its completion.
REPEATED_OPTIONS: Final[dict[str, Any]] = {**OPTIONS, "options": f"{_PLANS} {REPEATED}"}

Pool = AsyncConnectionPool[psycopg.AsyncConnection[TupleRow]]


def statement(name: str) -> bytes:
    return (Path(__file__).with_name("sql") / f"{name}.sql").read_bytes()


PROCESS, FULFIL, GRANT = statement("process"), statement("fulfil"), statement("grant")

_thread = threading.local()


def connection() -> psycopg.Connection[TupleRow]:
    """This thread's connection; a statement is a transaction."""
    if not hasattr(_thread, "connection"):
        _thread.connection = psycopg.connect(settings().database_url, **OPTIONS)
    return _thread.connection


def process(event_id: str) -> list[TupleRow]:
    """The order that this event paid, or none."""
    return connection().execute(PROCESS, {"event_id": event_id}).fetchall()


def fulfil(*order_ids: str) -> list[TupleRow]:
    """The courses to grant: order item, profile, course."""
    return connection().execute(FULFIL, {"ids": "{" + ",".join(order_ids) + "}"}).fetchall()


def grant(order_item_id: str, profile_id: str, course_id: str) -> None:
    connection().execute(GRANT, {"order_item_id": order_item_id, "profile_id": profile_id, "course_id": course_id})


def make_pool(size: int, options: Mapping[str, Any] = OPTIONS) -> Pool:
    """A pool for asynchronous baselines, not yet open."""
    return AsyncConnectionPool(settings().database_url, kwargs=dict(options), min_size=size, max_size=size, open=False)


async def fulfil_async(pool: Pool, order_id: str) -> list[TupleRow]:
    async with pool.connection() as connection:
        return await (await connection.execute(FULFIL, {"ids": "{" + order_id + "}"})).fetchall()


def order_ids() -> list[str]:
    return _ids("select cast(id as text) from app.orders order by id")


def event_ids() -> list[str]:
    return _ids("select cast(id as text) from app.webhook_events order by id")


def fulfil_job_ids() -> list[str]:
    return _ids("select cast(id as text) from app.jobs where kind = 'orders.fulfil' order by run_at, id")


def _ids(query: LiteralString) -> list[str]:
    return [row_id for (row_id,) in connection().execute(query)]
