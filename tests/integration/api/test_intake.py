"""Which events one commit stores together."""

import asyncio
from collections.abc import Sequence
from uuid import uuid4

import psycopg

from api.intake import FULL_GROUP, Intake
from api.pool import AsyncPool, make_pool
from core.webhooks.new_event import NewEvent
from core.webhooks.parse import read_stripe_event
from tests.support.purchases import Purchase, paid_event

# Seconds.
DEADLINE = 20.0
NEVER = 10_000.0
# Sequential queries; together they take longer than storing one event.
_ROUND_TRIPS = 20


def test_an_event_after_an_idle_period_is_stored_at_once(database_url: str) -> None:
    [event] = make_events(1)
    asyncio.run(store(database_url, NEVER, event))
    assert commits(database_url, [event]) == [1]


def test_events_soon_after_a_commit_wait_for_a_full_group(database_url: str) -> None:
    first, *others = make_events(1 + FULL_GROUP)
    asyncio.run(store(database_url, NEVER, first, *others))
    assert commits(database_url, [first, *others]) == [1, FULL_GROUP]


def test_events_of_a_small_group_wait_no_longer_than_the_linger_time(database_url: str) -> None:
    events = make_events(3)
    asyncio.run(store(database_url, 1.0, *events))
    assert commits(database_url, events) == [1, 2]


def make_events(count: int) -> list[NewEvent]:
    return [read_stripe_event(paid_event(Purchase(uuid4(), 49_900))) for _ in range(count)]


def commits(database_url: str, events: Sequence[NewEvent]) -> list[int]:
    """How many of these events each commit stored."""
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "select count(*) from app.webhook_events where event_id = any (%s) group by xmin order by 1",
            [[event.event_id for event in events]],
        ).fetchall()
    return [count for (count,) in rows]


async def store(database_url: str, linger: float, *deliveries: NewEvent) -> None:
    """Deliver the events one by one, each after a pause in which the last one could be stored; wait for all."""
    pool = make_pool(database_url)
    await pool.open(wait=True)
    try:
        async with asyncio.timeout(DEADLINE), Intake(pool, linger) as intake, asyncio.TaskGroup() as delivered:
            for event in deliveries:
                delivered.create_task(intake.store(event))
                await _pause(pool)
    finally:
        await pool.close()


async def _pause(pool: AsyncPool) -> None:
    for _ in range(_ROUND_TRIPS):
        async with pool.connection() as connection:
            await connection.execute("select 1")
