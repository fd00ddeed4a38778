"""The revision adds when the provider was asked, and takes it away again, with checkouts in the table."""

from collections.abc import Iterator

import psycopg
import pytest
from alembic import command

from db.migrate import alembic_config
from scripts.local.services import LocalServices
from tests.support.databases import fresh_database

BEFORE, AFTER = "029_refunds_and_disputes", "031_payment_reconcile"
ROWS = """
with reader as (
    insert into app.profiles (email, password_hash, display_name) values ('a@aula.example', 'x', 'A') returning id
),
placed as (
    insert into app.orders (profile_id, total_amount, currency, expires_at)
    select id, 100, 'SEK', now() from reader returning id
)
insert into app.checkouts (order_id, number, session_id, ui_mode, expires_at)
select id, 1, 'cs_1', 'elements', now() from placed
"""


@pytest.fixture
def base_url(services: LocalServices) -> Iterator[str]:
    """A database at the revision before, with a checkout."""
    with fresh_database(services.database_url, "aula_031") as url:
        command.upgrade(alembic_config(url), BEFORE)
        with psycopg.connect(url) as connection:
            connection.execute(ROWS)
        yield url


def test_checkouts_keep_their_rows_up_down_and_up_again(base_url: str) -> None:
    config = alembic_config(base_url)
    command.upgrade(config, AFTER)
    command.downgrade(config, BEFORE)
    command.upgrade(config, AFTER)
    with psycopg.connect(base_url) as connection:
        rows = connection.execute("select session_id, asked_at from app.checkouts").fetchall()
    assert rows == [("cs_1", None)]
