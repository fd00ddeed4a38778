"""The database is read-only for a while, as in a failover: requests are refused for a moment, and go on afterwards."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest
from sqlalchemy import text

from api.app_state import AppState
from api.intake import Intake, StoreUnavailable
from api.pool import AsyncPool, make_pool
from core.settings import Settings
from core.webhooks.parse import read_stripe_event
from db.engine import API_POOL
from scripts.local.services import LocalServices
from tests.support.api_harness import ApiHarness, open_api
from tests.support.databases import fresh_database
from tests.support.problems import assert_problem

READ_ONLY = "set default_transaction_read_only = on"
EVENT: dict[str, object] = {
    "id": "evt_1",
    "object": "event",
    "type": "a.b",
    "created": 1,
    "livemode": False,
    "data": {"object": {}},
}


@pytest.fixture
def own_url(services: LocalServices, migrated_template: str) -> Iterator[str]:
    """A database whose defaults the test may change."""
    with fresh_database(services.database_url, "aula_read_only", template=migrated_template) as url:
        yield url


def set_default(url: str, setting: str) -> None:
    with psycopg.connect(url, autocommit=True, options="-c default_transaction_read_only=off") as connection:
        connection.execute(f"alter database {connection.info.dbname} {setting}".encode())


def make_all_read_only(api: ApiHarness) -> None:
    """Every connection that serves requests, as if their server had been demoted."""
    state: AppState = api.app.state.aula
    with ExitStack() as held:
        for _ in range(API_POOL):
            held.enter_context(state.sessions.begin()).execute(text(READ_ONLY))


def test_a_write_is_refused_for_a_moment_and_passes_afterwards(own_url: str) -> None:
    with open_api(Settings(env="test", database_url=own_url)) as api:
        buyer, course = api.user(), api.course()
        make_all_read_only(api)
        refused = buyer.post_order(course)
        assert_problem(refused, 503, "unavailable")
        assert refused.headers["retry-after"] == "5"
        # The connection to the demoted server was left: the new one is to one that can write.
        assert buyer.post_order(course).status_code == 201


def test_requests_are_refused_while_no_server_can_write(own_url: str) -> None:
    with open_api(Settings(env="test", database_url=own_url)) as api:
        buyer, course = api.user(), api.course()
        make_all_read_only(api)
        set_default(own_url, "set default_transaction_read_only = on")
        for _ in range(2):
            assert_problem(buyer.post_order(course), 503, "unavailable")
        assert api.visitor().get("/readyz").json()["database"] is False
        set_default(own_url, "reset default_transaction_read_only")
        assert buyer.post_order(course).status_code == 201


async def make_pool_read_only(pool: AsyncPool) -> None:
    async with pool.connection() as one, pool.connection() as two:
        for connection in (one, two):
            await connection.execute(READ_ONLY.encode())


def test_a_webhook_is_asked_for_again_and_stored_by_a_server_that_can_write(own_url: str) -> None:
    event = read_stripe_event(json.dumps(EVENT).encode())

    async def deliver() -> None:
        async with make_pool(own_url) as pool, Intake(pool) as intake:
            await make_pool_read_only(pool)
            refused = 0
            for _ in range(3):
                try:
                    await intake.store(event)
                except StoreUnavailable:
                    refused += 1
            assert 1 <= refused <= 2

    asyncio.run(deliver())
    with psycopg.connect(own_url) as connection:
        stored = connection.execute("select event_id from app.webhook_events").fetchall()
    assert stored == [("evt_1",)]
