"""Taskiq on its fastest Redis broker. Run as a module it fills the queue."""

import asyncio
import sys

from taskiq import TaskiqEvents, TaskiqState
from taskiq_redis import ListQueueBroker

from core.settings import settings
from tests.bench import effects

CONNECTIONS = 4

broker = ListQueueBroker(settings().redis_url)
# Follow-up tasks go to a queue that no worker drains.
later = ListQueueBroker(settings().redis_url, queue_name="later")


@broker.on_event(TaskiqEvents.WORKER_STARTUP)
async def open_pool(state: TaskiqState) -> None:
    state.pool = effects.make_pool(CONNECTIONS)
    await state.pool.open(wait=True)
    await later.startup()


@broker.on_event(TaskiqEvents.WORKER_SHUTDOWN)
async def close_pool(state: TaskiqState) -> None:
    await later.shutdown()
    await state.pool.close()


@later.task(task_name="enrollments.grant")
async def grant(order_item_id: str, profile_id: str, course_id: str) -> None:
    """Queued and never run."""


@later.task(task_name="mail.send")
async def send(order_id: str) -> None:
    """Queued and never run."""


@broker.task(task_name="orders.fulfil_whole")
async def fulfil_whole(order_id: str) -> None:
    for following in await effects.fulfil_async(broker.state.pool, order_id):
        await grant.kiq(*following)
    await send.kiq(order_id)


@broker.task(task_name="orders.fulfil_effect")
async def fulfil_effect(order_id: str) -> None:
    await effects.fulfil_async(broker.state.pool, order_id)


async def fill(what: str) -> None:
    task = fulfil_whole if what == "whole" else fulfil_effect
    await broker.startup()
    for order_id in effects.order_ids():
        await task.kiq(order_id)
    await broker.shutdown()


if __name__ == "__main__":
    asyncio.run(fill(sys.argv[1]))
