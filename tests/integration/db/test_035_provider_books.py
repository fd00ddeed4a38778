"""The revision adds the account of events and the provider's books, and takes them away again, with events stored."""

from collections.abc import Iterator

import psycopg
import pytest
from alembic import command

from db.migrate import alembic_config
from scripts.local.services import LocalServices
from tests.support.databases import fresh_database

BEFORE, AFTER = "031_payment_reconcile", "035_provider_books"
ROWS = """
insert into app.webhook_events (provider, event_id, type, livemode, occurred_at, body)
values ('stripe', 'evt_1', 'refund.created', false, now(), '{}')
"""


@pytest.fixture
def base_url(services: LocalServices) -> Iterator[str]:
    """A database at the revision before, with an event."""
    with fresh_database(services.database_url, "aula_035") as url:
        command.upgrade(alembic_config(url), BEFORE)
        with psycopg.connect(url) as connection:
            connection.execute(ROWS)
        yield url


def test_events_keep_their_rows_up_down_and_up_again(base_url: str) -> None:
    config = alembic_config(base_url)
    command.upgrade(config, AFTER)
    with psycopg.connect(base_url) as connection:
        connection.execute(
            "insert into app.provider_cursors (name, began_at, reached_at) values ('events', now(), now())"
        )
        connection.execute("update app.webhook_events set account = 'acct_1'")
    command.downgrade(config, BEFORE)
    command.upgrade(config, AFTER)
    with psycopg.connect(base_url) as connection:
        rows = connection.execute("select event_id, account from app.webhook_events").fetchall()
        cursors = connection.execute("select count(*) from app.provider_cursors").fetchone()
    assert (rows, cursors) == ([("evt_1", None)], (0,))
