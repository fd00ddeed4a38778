"""The revision adds the causes of jobs and the table of replays, and takes them away again, with rows in the tables."""

from collections.abc import Iterator

import psycopg
import pytest
from alembic import command

from db.migrate import alembic_config
from scripts.local.services import LocalServices
from tests.support.databases import fresh_database

BEFORE, AFTER = "031_payment_reconcile", "037_job_causes"
ROWS = """
with stored as (
    insert into app.webhook_events (provider, event_id, type, occurred_at, body, data)
    values ('stripe', 'evt_1', 'a.b', now(), '{}', '{"kind": "checkout_paid", "order_id": "1"}'),
           ('stripe', 'evt_2', 'a.b', now(), '{}', '{"kind": "none"}')
)
insert into app.jobs (kind) values ('a.b')
"""
REPLAY = "insert into app.replays (target, reason, rate, expected, until_id) values ('jobs', 'x', 1, 1, app.uuid7())"


@pytest.fixture
def base_url(services: LocalServices) -> Iterator[str]:
    """A database at the revision before, with a job and two events."""
    with fresh_database(services.database_url, "aula_037") as url:
        command.upgrade(alembic_config(url), BEFORE)
        with psycopg.connect(url) as connection:
            connection.execute(ROWS)
        yield url


def test_jobs_and_events_keep_their_rows_up_down_and_up_again(base_url: str) -> None:
    config = alembic_config(base_url)
    command.upgrade(config, AFTER)
    with psycopg.connect(base_url) as connection:
        connection.execute(REPLAY)
        connection.execute("update app.jobs set cause_id = app.uuid7()")
    command.downgrade(config, BEFORE)
    command.upgrade(config, AFTER)
    with psycopg.connect(base_url) as connection:
        jobs = connection.execute("select kind, cause_id from app.jobs").fetchall()
        events = connection.execute("select event_id from app.webhook_events order by 1").fetchall()
        replays = connection.execute("select count(*) from app.replays").fetchall()
    assert (jobs, events, replays) == ([("a.b", None)], [("evt_1",), ("evt_2",)], [(0,)])
