"""One process of pgqueuer, on psycopg and uvloop. Run with `whole` or `effect` it creates and fills the queue."""

import asyncio
import signal
import sys
from datetime import timedelta

import psycopg
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.models import Job
from pgqueuer.queries import Queries
from psycopg.rows import TupleRow

from core.settings import settings
from db.engine import REPEATED
from tests.bench import effects

# The fastest of the values tried: 100 to 2,000 and 5 to 20, capped or not. With 100 it mostly waits where a job
# enqueues no follow-up jobs.
BATCH, CONNECTIONS = 500, 20


async def fill(what: str) -> None:
    async with await psycopg.AsyncConnection.connect(settings().database_url, autocommit=True) as connection:
        queries = Queries.from_psycopg_connection(connection)
        await queries.install()
        orders = effects.order_ids()
        count = len(orders)
        await queries.enqueue([f"orders.fulfil_{what}"] * count, [order.encode() for order in orders], [0] * count)
        await connection.execute("vacuum analyze")


async def connect() -> psycopg.AsyncConnection[TupleRow]:
    return await psycopg.AsyncConnection.connect(
        settings().database_url, autocommit=True, prepare_threshold=0, options=REPEATED
    )


async def work() -> None:
    async with (
        await connect() as own,
        await connect() as second,
        effects.make_pool(CONNECTIONS, effects.REPEATED_OPTIONS) as pool,
    ):
        following = Queries.from_psycopg_connection(second)
        queue = PgQueuer.from_psycopg_connection(own)

        @queue.entrypoint("orders.fulfil_whole")
        async def fulfil_whole(job: Job) -> None:
            order = job.payload or b""
            grants = [" ".join(row).encode() for row in await effects.fulfil_async(pool, order.decode())]
            kinds = ["enrollments.grant"] * len(grants) + ["mail.send"]
            await following.enqueue(kinds, [*grants, order], [0] * len(kinds))

        @queue.entrypoint("orders.fulfil_effect")
        async def fulfil_effect(job: Job) -> None:
            await effects.fulfil_async(pool, (job.payload or b"").decode())

        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, queue.shutdown.set)
        await queue.run(batch_size=BATCH, dequeue_timeout=timedelta(milliseconds=100))


if __name__ == "__main__":
    uvloop.run(fill(sys.argv[1]) if sys.argv[1:] else work())
