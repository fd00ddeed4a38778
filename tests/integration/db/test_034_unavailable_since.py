"""The revision adds since when a service is unavailable to a job, and takes it away again, with jobs in the table."""

from collections.abc import Iterator

import psycopg
import pytest
from alembic import command

from db.migrate import alembic_config
from scripts.local.services import LocalServices
from tests.support.databases import fresh_database

BEFORE, AFTER = "031_payment_reconcile", "034_unavailable_since"
ROWS = "insert into app.jobs (kind, attempts) values ('mail.send', 3)"


@pytest.fixture
def base_url(services: LocalServices) -> Iterator[str]:
    """A database at the revision before, with a job."""
    with fresh_database(services.database_url, "aula_034") as url:
        command.upgrade(alembic_config(url), BEFORE)
        with psycopg.connect(url) as connection:
            connection.execute(ROWS)
        yield url


def test_jobs_keep_their_rows_up_down_and_up_again(base_url: str) -> None:
    config = alembic_config(base_url)
    command.upgrade(config, AFTER)
    with psycopg.connect(base_url) as connection:
        connection.execute("update app.jobs set unavailable_since = now()")
    command.downgrade(config, BEFORE)
    command.upgrade(config, AFTER)
    with psycopg.connect(base_url) as connection:
        rows = connection.execute("select kind, state, attempts, unavailable_since from app.jobs").fetchall()
    assert rows == [("mail.send", "pending", 3, None)]
