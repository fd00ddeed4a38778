"""The revision adds second factors; sessions that are there were signed in by a password alone."""

from collections.abc import Iterator

import psycopg
import pytest
from alembic import command

from db.migrate import alembic_config
from scripts.local.services import LocalServices
from tests.support.databases import fresh_database

BEFORE, AFTER = "044_exports", "045_second_factor"
ROWS = """
insert into app.profiles (email, password_hash, display_name) values ('a@aula.example', 'x', 'A');
insert into app.sessions (profile_id, created_at, used_at, expires_at) select id, now(), now(), now() from app.profiles;
"""
FACTOR = """
insert into app.totp_factors (profile_id, secret, started_at, confirmed_at, last_step)
select id, 'x', now(), now(), %s from app.profiles
"""


@pytest.fixture
def base_url(services: LocalServices) -> Iterator[str]:
    with fresh_database(services.database_url, "aula_040") as url:
        command.upgrade(alembic_config(url), BEFORE)
        with psycopg.connect(url) as connection:
            connection.execute(ROWS)
        yield url


def test_sessions_get_a_level_up_down_and_up_again(base_url: str) -> None:
    config = alembic_config(base_url)
    for _ in range(2):
        command.upgrade(config, AFTER)
        with psycopg.connect(base_url) as connection:
            assert connection.execute("select aal from app.sessions").fetchall() == [("aal1",)]
            connection.execute(FACTOR, [1])
        command.downgrade(config, BEFORE)
        with psycopg.connect(base_url) as connection:
            assert connection.execute("select count(*) from app.sessions").fetchone() == (1,)


def test_a_confirmed_factor_has_the_step_of_its_last_code(base_url: str) -> None:
    command.upgrade(alembic_config(base_url), AFTER)
    with psycopg.connect(base_url) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(FACTOR, [None])
