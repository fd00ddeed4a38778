"""The revision carries the orders in review over to findings, and back."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from alembic import command

from db.migrate import alembic_config
from scripts.local.services import LocalServices
from tests.support.databases import fresh_database

BASE, HEAD = "026_subscription_core", "027_findings"
ROWS = """
with reader as (
    insert into app.profiles (email, password_hash, display_name) values ('a@aula.example', 'x', 'A') returning id
),
orders as (
    insert into app.orders
        (profile_id, state, total_amount, currency, review_reason, expires_at, paid_at, fulfilled_at)
    select id, v.state, 100, 'SEK', v.reason, now(), v.paid_at, v.fulfilled_at
    from reader
    cross join (values ('review', 'second payment', now(), now()), ('review', 'wrong amount', null, null),
                       ('review', 'second payment', now(), null), ('fulfilled', null, now(), now()))
        as v (state, reason, paid_at, fulfilled_at)
    returning id, review_reason
)
insert into app.payments (order_id, provider_payment_id, state, amount, currency, livemode)
select id, 'pi_' || id, case when review_reason is null then 'succeeded' else 'review' end, 100, 'SEK', false
from orders
"""


@pytest.fixture
def base_url(services: LocalServices) -> Iterator[str]:
    """A database at the revision before, with orders in review."""
    with fresh_database(services.database_url, "aula_027") as url:
        command.upgrade(alembic_config(url), BASE)
        with psycopg.connect(url) as connection:
            connection.execute(ROWS)
        yield url


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement.encode()).fetchall()


def test_orders_in_review_become_findings(base_url: str) -> None:
    command.upgrade(alembic_config(base_url), HEAD)
    found = rows(
        base_url, "select f.kind, o.state from app.findings f join app.orders o on o.id = f.order_id order by 1, 2"
    )
    assert found == [("payment_mismatch", "expired"), ("second_payment", "fulfilled"), ("second_payment", "paid")]
    assert rows(base_url, "select distinct state from app.payments") == [("succeeded",)]
    assert rows(base_url, "select count(*) from app.jobs where kind = 'orders.fulfil'") == [(1,)]


def test_the_way_down_puts_them_in_review_again(base_url: str) -> None:
    config = alembic_config(base_url)
    command.upgrade(config, HEAD)
    command.downgrade(config, BASE)
    states = rows(base_url, "select state, count(*) from app.orders group by 1 order by 1")
    assert states == [("fulfilled", 1), ("review", 3)]
    command.upgrade(config, HEAD)
    assert rows(base_url, "select count(*) from app.findings") == [(3,)]
