"""What is stored together: seen by the transaction that wrote it."""

import asyncio
from collections.abc import Sequence
from uuid import uuid4

import psycopg

from api.intake import ENOUGH, Intake
from api.pool import AsyncPool, make_pool
from core.webhooks.parse import StripeEvent, read_stripe_event
from tests.support.purchases import Purchase, paid_event

# Seconds.
DEADLINE = 20.0
NEVER = 10_000.0
# More than storing an event takes, one after another.
_ROUND_TRIPS = 20


def test_after_a_quiet_moment_nobody_is_waited_for(database_url: str) -> None:
    [event] = some_events(1)
    asyncio.run(store(database_url, NEVER, event))
    assert commits(database_url, [event]) == [1]


def test_who_comes_soon_after_a_group_gathers_until_there_are_enough(database_url: str) -> None:
    first, *others = some_events(1 + ENOUGH)
    asyncio.run(store(database_url, NEVER, first, *others))
    assert commits(database_url, [first, *others]) == [1, ENOUGH]


def test_a_few_wait_for_the_next_group_and_no_longer(database_url: str) -> None:
    events = some_events(3)
    asyncio.run(store(database_url, 1.0, *events))
    assert commits(database_url, events) == [1, 2]


def some_events(count: int) -> list[StripeEvent]:
    return [read_stripe_event(paid_event(Purchase(uuid4(), 49_900))) for _ in range(count)]


def commits(database_url: str, events: Sequence[StripeEvent]) -> list[int]:
    """How many of these events each commit stored."""
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "select count(*) from app.webhook_events where event_id = any (%s) group by xmin order by 1",
            [[event.event_id for event in events]],
        ).fetchall()
    return [count for (count,) in rows]


async def store(database_url: str, linger: float, *deliveries: StripeEvent) -> None:
    """Each delivery comes when the one before has been stored, if nothing makes it wait; returns when all are."""
    pool = make_pool(database_url)
    await pool.open(wait=True)
    try:
        async with asyncio.timeout(DEADLINE), Intake(pool, linger) as intake, asyncio.TaskGroup() as delivered:
            for event in deliveries:
                delivered.create_task(intake.store(event))
                await _a_while(pool)
    finally:
        await pool.close()


async def _a_while(pool: AsyncPool) -> None:
    for _ in range(_ROUND_TRIPS):
        async with pool.connection() as connection:
            await connection.execute("select 1")
