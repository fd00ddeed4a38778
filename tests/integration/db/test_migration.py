import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from psycopg import sql

from db.migrate import ROOT, SchemaOfLaterRelease, alembic_config, migrate
from db.revision import REVISIONS
from scripts.db_schema import dump_schema
from scripts.local.services import LocalServices
from tests.support.databases import fresh_database

SQL_FILE = ROOT / "db" / "sql" / "026_subscription_core.sql"
BASE = "026_subscription_core"
HEAD = ScriptDirectory.from_config(alembic_config("")).get_current_head() or ""


@pytest.fixture
def blank_url(services: LocalServices) -> Iterator[str]:
    with fresh_database(services.database_url, "aula_blank") as url:
        yield url


def run_sql_file(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(SQL_FILE.read_bytes())


def revisions(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [name for (name,) in connection.execute("select version_num from public.alembic_version")]


def test_running_the_sql_file_twice_changes_nothing(blank_url: str) -> None:
    run_sql_file(blank_url)
    once = dump_schema(blank_url)
    run_sql_file(blank_url)
    assert dump_schema(blank_url) == once


def test_a_second_run_of_the_sql_file_keeps_rows_and_restores_row_level_security(blank_url: str) -> None:
    run_sql_file(blank_url)
    with psycopg.connect(blank_url) as connection:
        connection.execute("insert into app.rate_limits values ('login:x', now(), 7)")
        connection.execute("alter table app.rate_limits disable row level security")
    run_sql_file(blank_url)
    with psycopg.connect(blank_url) as connection:
        hits = connection.execute("select hits from app.rate_limits").fetchall()
        open_tables = connection.execute(
            "select tablename from pg_tables where schemaname = 'app' and not rowsecurity"
        ).fetchall()
    assert hits == [(7,)]
    assert open_tables == []


def test_the_first_revision_and_the_sql_file_make_the_same_schema(services: LocalServices, blank_url: str) -> None:
    run_sql_file(blank_url)
    with fresh_database(services.database_url, "aula_base") as url:
        command.upgrade(alembic_config(url), BASE)
        assert dump_schema(url) == dump_schema(blank_url)
        assert revisions(url) == [BASE]


def test_upgrading_a_database_made_by_the_sql_file_changes_nothing(blank_url: str) -> None:
    run_sql_file(blank_url)
    before = dump_schema(blank_url)
    command.upgrade(alembic_config(blank_url), BASE)
    assert dump_schema(blank_url) == before
    assert revisions(blank_url) == [BASE]


def test_an_upgrade_after_a_downgrade_makes_the_same_schema(blank_url: str, database_url: str) -> None:
    migrate(blank_url)
    command.downgrade(alembic_config(blank_url), "base")
    with psycopg.connect(blank_url) as connection:
        assert connection.execute("select from pg_namespace where nspname = 'app'").fetchall() == []
    migrate(blank_url)
    assert dump_schema(blank_url) == dump_schema(database_url)


def test_the_files_of_the_migrations_are_named_and_ordered_as_their_revisions() -> None:
    chain = [one.revision for one in ScriptDirectory.from_config(alembic_config("")).walk_revisions()]
    assert list(reversed(chain)) == list(REVISIONS)


def test_a_schema_of_a_later_release_is_not_migrated(blank_url: str) -> None:
    migrate(blank_url)
    with psycopg.connect(blank_url) as connection:
        connection.execute("update public.alembic_version set version_num = '999_later'")
    with pytest.raises(SchemaOfLaterRelease, match=r"at 999_later, which this release does not know"):
        migrate(blank_url)


def test_models_and_database_do_not_differ(database_url: str) -> None:
    # Raises on a difference; see test_alembic_check_finds_a_difference.
    command.check(alembic_config(database_url))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("alter table app.posts add column mood text", "mood"),
        ("alter table app.posts alter column body type varchar(10)", "modify_type"),
        ("alter table app.posts alter column body set default 'x'", "modify_default"),
        ("alter table app.posts alter column body drop not null", "modify_nullable"),
        ("drop index app.posts_newest", "posts_newest"),
        ("drop table app.rate_limits", "rate_limits"),
        (
            "alter table app.enrollments drop constraint enrollments_profile_id_course_id_purchase_number_key",
            "add_constraint",
        ),
    ],
)
def test_alembic_check_finds_a_difference(blank_url: str, change: str, named: str) -> None:
    migrate(blank_url)
    with psycopg.connect(blank_url) as connection:
        connection.execute(change.encode())
    with pytest.raises(Exception, match=named):
        command.check(alembic_config(blank_url))


def test_alembic_check_passes_with_the_schema_on_the_search_path(blank_url: str) -> None:
    with psycopg.connect(blank_url) as connection:
        name = connection.info.dbname
        connection.execute(sql.SQL("alter database {} set search_path to app, public").format(sql.Identifier(name)))
    migrate(blank_url)
    command.check(alembic_config(blank_url))


def test_concurrent_upgrades_all_succeed(blank_url: str) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "alembic", "upgrade", "head"],
            cwd=ROOT,
            env={**os.environ, "AULA_DATABASE_URL": blank_url},
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    said = [process.communicate(timeout=60)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said
    assert sum("Running upgrade" in lines for lines in said) == 1
    assert revisions(blank_url) == [HEAD]


def test_a_migration_that_cannot_get_its_lock_times_out_and_changes_nothing(blank_url: str) -> None:
    run_sql_file(blank_url)
    with psycopg.connect(blank_url) as holder:
        holder.execute("lock table app.jobs in access exclusive mode")
        with pytest.raises(Exception, match="lock timeout"):
            migrate(blank_url)
    migrate(blank_url)
    assert revisions(blank_url) == [HEAD]


def test_a_migration_leaves_existing_loggers_enabled(blank_url: str) -> None:
    logger = logging.getLogger("aula.made_before")
    before = (logger.disabled, logging.getLogger().level, list(logging.getLogger().handlers))
    migrate(blank_url)
    assert (logger.disabled, logging.getLogger().level, list(logging.getLogger().handlers)) == before


def test_an_unreachable_database_is_named_without_its_password(database_url: str) -> None:
    address = urlsplit(database_url)
    nowhere = address._replace(path="/not_there").geturl()
    with pytest.raises(Exception, match="not_there") as caught:
        migrate(nowhere)
    assert address.password
    assert address.password not in str(caught.value)


def test_the_command_line_accepts_a_database_url(database_url: str) -> None:
    done = subprocess.run(  # noqa: S603 - this very Python
        [sys.executable, "-m", "alembic", "-x", f"url={database_url}", "current"],
        cwd=ROOT,
        env={**os.environ, "AULA_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"{HEAD} (head)" in done.stdout


def test_a_new_revision_has_a_lock_timeout_and_runs_both_ways(blank_url: str, tmp_path: Path) -> None:
    migrate(blank_url)
    with psycopg.connect(blank_url) as connection:
        connection.execute("drop index app.posts_newest")
    config = alembic_config(blank_url)
    config.set_main_option("version_locations", os.pathsep.join([str(ROOT / "alembic" / "versions"), str(tmp_path)]))
    command.revision(config, "Bring an index back", autogenerate=True, rev_id="999_newest", version_path=str(tmp_path))
    written = (tmp_path / "999_newest.py").read_text(encoding="utf-8")
    assert written.count("set local lock_timeout") == 2
    command.upgrade(config, "head")
    command.check(config)
    command.downgrade(config, HEAD)
    assert revisions(blank_url) == [HEAD]
