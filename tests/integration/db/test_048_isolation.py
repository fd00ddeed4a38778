"""The revision adds batch limits and deaths of jobs, and takes them away again, with jobs in the table."""

from collections.abc import Iterator

import psycopg
import pytest
from alembic import command

from db.migrate import alembic_config
from scripts.local.services import LocalServices
from tests.support.databases import fresh_database

BEFORE, AFTER = "047_seminar_rooms", "048_isolation"
ROWS = "insert into app.jobs (kind, isolated) values ('mail.send', false), ('orders.fulfil', true)"


@pytest.fixture
def base_url(services: LocalServices) -> Iterator[str]:
    """A database at the revision before, with two jobs."""
    with fresh_database(services.database_url, "aula_048") as url:
        command.upgrade(alembic_config(url), BEFORE)
        with psycopg.connect(url) as connection:
            connection.execute(ROWS)
        yield url


def test_jobs_keep_their_rows_up_down_and_up_again(base_url: str) -> None:
    config = alembic_config(base_url)
    command.upgrade(config, AFTER)
    with psycopg.connect(base_url) as connection:
        connection.execute("update app.jobs set batch_limit = 64, deaths = 2")
    command.downgrade(config, BEFORE)
    command.upgrade(config, AFTER)
    with psycopg.connect(base_url) as connection:
        rows = connection.execute("select kind, isolated, batch_limit, deaths from app.jobs order by kind").fetchall()
    assert rows == [("mail.send", False, 1, 0), ("orders.fulfil", True, 1, 0)]
