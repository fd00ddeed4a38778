"""The revision allows free orders, keeps the orders that are there, and can be undone."""

from collections.abc import Iterator

import psycopg
import pytest
from alembic import command

from db.migrate import alembic_config
from scripts.local.services import LocalServices
from tests.support.databases import fresh_database

BASE, HEAD = "027_findings", "028_free_orders"
BUYER = "insert into app.profiles (email, password_hash, display_name) values ('a@aula.example', 'x', 'A')"
PRICED = """
insert into app.orders (profile_id, total_amount, currency, expires_at)
select id, 100, 'SEK', now() from app.profiles
"""
FREE = PRICED.replace("100", "0")


@pytest.fixture
def base_url(services: LocalServices) -> Iterator[str]:
    """A database at the revision before, with an order."""
    with fresh_database(services.database_url, "aula_028") as url:
        command.upgrade(alembic_config(url), BASE)
        run(url, BUYER)
        run(url, PRICED)
        yield url


def run(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement.encode())


def totals(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [total for (total,) in connection.execute("select total_amount from app.orders order by 1")]


def is_validated(url: str) -> bool:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "select convalidated from pg_constraint where conname = 'orders_total_amount_check'"
        ).fetchone()
    return row == (True,)


def test_a_free_order_is_allowed_only_after_the_revision(base_url: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        run(base_url, FREE)
    command.upgrade(alembic_config(base_url), HEAD)
    run(base_url, FREE)
    assert totals(base_url) == [0, 100]
    with pytest.raises(psycopg.errors.CheckViolation):
        run(base_url, PRICED.replace("100", "-1"))
    assert is_validated(base_url)


def test_the_way_down_without_free_orders_restores_the_check(base_url: str) -> None:
    config = alembic_config(base_url)
    command.upgrade(config, HEAD)
    command.downgrade(config, BASE)
    assert is_validated(base_url)
    with pytest.raises(psycopg.errors.CheckViolation):
        run(base_url, FREE)


def test_the_way_down_keeps_free_orders_and_allows_no_more(base_url: str) -> None:
    config = alembic_config(base_url)
    command.upgrade(config, HEAD)
    run(base_url, FREE)
    run(base_url, "update app.orders set state = 'fulfilled' where total_amount = 0")
    command.downgrade(config, BASE)
    assert totals(base_url) == [0, 100]
    with pytest.raises(psycopg.errors.CheckViolation):
        run(base_url, FREE)
    command.upgrade(config, HEAD)
    assert totals(base_url) == [0, 100]
    assert is_validated(base_url)


def test_the_way_down_is_refused_while_a_free_order_is_unfulfilled(base_url: str) -> None:
    config = alembic_config(base_url)
    command.upgrade(config, HEAD)
    run(base_url, FREE)
    run(base_url, "update app.orders set state = 'paid' where total_amount = 0")
    with pytest.raises(Exception, match="not fulfilled yet"):
        command.downgrade(config, BASE)
    run(base_url, FREE)
    assert totals(base_url) == [0, 0, 100]
