"""The revisions make each family of refresh tokens a session, and take accounts that are there as proven."""

from collections.abc import Iterator

import psycopg
import pytest
from alembic import command

from db.migrate import alembic_config
from scripts.local.services import LocalServices
from tests.support.databases import fresh_database

BEFORE, AFTER = "037_job_causes", "044_exports"
# A person with two logins: one was refreshed once, the other was revoked.
ROWS = """
insert into app.profiles (id, email, password_hash, display_name)
values ('00000000-0000-7000-8000-000000000001', 'a@aula.example', 'x', 'A');
insert into app.refresh_tokens (profile_id, family_id, token_hash, expires_at, used_at, revoked_at, created_at)
select '00000000-0000-7000-8000-000000000001', ('00000000-0000-7000-8000-00000000001' || family)::uuid,
       sha256(n::text::bytea), '2027-01-01', case when n = 1 then timestamptz '2026-11-02' end,
       case when family = 2 then timestamptz '2026-11-05' end, timestamptz '2026-11-01' + n * interval '1 day'
from (values (1, 1), (2, 1), (3, 2)) as token (n, family);
"""
SESSIONS = """
select right(id::text, 1), created_at::date::text, used_at::date::text, expires_at::date::text, ended_at::date::text
from app.sessions order by id
"""
TOKENS = "select right(family_id::text, 1), revoked_at::date::text from app.refresh_tokens order by created_at"


@pytest.fixture
def base_url(services: LocalServices) -> Iterator[str]:
    with fresh_database(services.database_url, "aula_038") as url:
        command.upgrade(alembic_config(url), BEFORE)
        with psycopg.connect(url) as connection:
            connection.execute(ROWS)
        yield url


def test_logins_become_sessions_up_down_and_up_again(base_url: str) -> None:
    config = alembic_config(base_url)
    for _ in range(2):
        command.upgrade(config, AFTER)
        with psycopg.connect(base_url, options="-c TimeZone=UTC") as connection:
            assert connection.execute(SESSIONS).fetchall() == [
                ("1", "2026-11-02", "2026-11-03", "2027-01-31", None),
                ("2", "2026-11-04", "2026-11-04", "2027-02-02", "2026-11-05"),
            ]
            proven = "select count(*) from app.profiles where email_proven_at = created_at"
            assert connection.execute(proven).fetchone() == (1,)
        command.downgrade(config, BEFORE)
        with psycopg.connect(base_url, options="-c TimeZone=UTC") as connection:
            assert connection.execute(TOKENS).fetchall() == [("1", None), ("1", None), ("2", "2026-11-05")]


def test_a_token_needs_a_session_of_its_own(base_url: str) -> None:
    command.upgrade(alembic_config(base_url), AFTER)
    with psycopg.connect(base_url) as connection, pytest.raises(psycopg.errors.ForeignKeyViolation):
        connection.execute(
            "insert into app.refresh_tokens (profile_id, session_id, token_hash, expires_at) "
            "select id, gen_random_uuid(), sha256('x'), now() from app.profiles"
        )
