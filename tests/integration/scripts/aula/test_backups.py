"""`aula db backup` and `aula db restore`, and what they refuse."""

import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.maintenance.check import violations
from db.engine import make_engine, make_sessions
from scripts import postgres_clients
from scripts.aula.exits import Exit
from scripts.local.errors import LocalServiceError
from scripts.local.services import LocalServices
from scripts.postgres_clients import client_version, find_client
from tests.support.command_line import Answer, CommandLine
from tests.support.databases import fresh_database
from tests.support.jobs import do, value

COUNTS = "select (select count(*) from app.profiles) * 1000 + (select count(*) from app.schedules)"


@pytest.fixture
def target(services: LocalServices) -> Iterator[str]:
    """An empty database to restore into."""
    with fresh_database(services.database_url, "aula_restored") as url:
        yield url


@pytest.fixture
def backup(aula: CommandLine, tmp_path: Path) -> Path:
    file = tmp_path / "backup"
    aula.done("db", "backup", file)
    return file


def refused(answer: Answer, code: Exit, *words: str) -> None:
    assert answer.code == code, answer
    assert answer.out == ""
    assert len(answer.err.splitlines()) == 1
    assert [word for word in words if word not in answer.err] == []


def change(backup: Path, **values: object) -> None:
    """Change what FILE.json says."""
    described = backup.with_name("backup.json")
    described.write_text(json.dumps({**json.loads(described.read_text()), **values}))


def programs(_name: str, found: Sequence[Path] = ()) -> Sequence[Path]:
    """Only these programs are on the machine."""
    return found


def is_empty(url: str) -> bool:
    engine = make_engine(url, 1)
    with make_sessions(engine)() as session:
        found = session.scalar(text("select count(*) from pg_namespace where nspname = 'app'"))
    engine.dispose()
    return found == 0


def test_a_restored_database_has_every_row_and_breaks_no_invariant(
    aula: CommandLine, backup: Path, target: str, sessions: sessionmaker[Session]
) -> None:
    restored = aula.done("db", "restore", backup, "--into", target, "--json").document
    assert restored["revision"] == restored["newest"]
    engine = make_engine(target, 1)
    with make_sessions(engine).begin() as session:
        assert session.scalar(text(COUNTS)) == value(sessions, COUNTS)
        assert dict(violations(session, 0)) == {}
    engine.dispose()


def test_only_the_owner_may_read_a_backup(backup: Path) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in backup.parent.iterdir()}
    assert modes == {"backup": 0o600, "backup.json": 0o600}


def test_a_backup_is_never_overwritten(aula: CommandLine, backup: Path) -> None:
    before = backup.read_bytes()
    refused(aula("db", "backup", backup), Exit.USAGE, "FILE", "is there already")
    assert backup.read_bytes() == before


def test_a_backup_into_a_missing_folder_is_refused(aula: CommandLine, tmp_path: Path) -> None:
    refused(aula("db", "backup", tmp_path / "none" / "backup"), Exit.USAGE, "there is no folder")


def test_an_empty_database_is_not_backed_up(target: str, tmp_path: Path) -> None:
    empty = CommandLine({"AULA_DATABASE_URL": target})
    refused(empty("db", "backup", tmp_path / "backup"), Exit.NOTHING, "no schema")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_backup_leaves_no_file(aula: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "pg_dump"
    broken.write_text('#!/bin/sh\n[ "$1" = --version ] && echo pg_dump 99.1 || { echo no space >&2; exit 1; }\n')
    broken.chmod(0o755)
    monkeypatch.setattr(postgres_clients, "_candidates", partial(programs, found=[broken]))
    refused(aula("db", "backup", tmp_path / "backup"), Exit.REFUSED, "pg_dump failed: no space")
    assert list(tmp_path.iterdir()) == [broken]


def test_without_the_programs_it_says_what_to_install(
    aula: CommandLine, backup: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_clients, "_candidates", programs)
    refused(aula("db", "backup", backup.with_name("other")), Exit.REFUSED, "pg_dump was not found: install")
    refused(aula("db", "restore", backup, "--into", target), Exit.REFUSED, "pg_restore was not found: install")
    assert not backup.with_name("other").exists()


def test_a_program_older_than_the_server_is_not_used() -> None:
    version = client_version(find_client("pg_dump"))
    with pytest.raises(LocalServiceError, match=f"or newer is needed: .*pg_dump is of version {version}"):
        find_client("pg_dump", at_least=99)


def test_a_damaged_backup_is_refused(aula: CommandLine, backup: Path, target: str) -> None:
    backup.write_bytes(backup.read_bytes()[:-1] + b"?")
    refused(aula("db", "restore", backup, "--into", target), Exit.REFUSED, "damaged", "checksum")
    assert is_empty(target)


@pytest.mark.parametrize("missing", ["backup", "backup.json"])
def test_a_missing_file_is_named(aula: CommandLine, backup: Path, target: str, missing: str) -> None:
    backup.with_name(missing).unlink()
    refused(
        aula("db", "restore", backup, "--into", target), Exit.USAGE, f"there is no file {backup.with_name(missing)}"
    )


def test_a_description_of_something_else_is_refused(aula: CommandLine, backup: Path, target: str) -> None:
    backup.with_name("backup.json").write_text('{"size": 1}')
    refused(aula("db", "restore", backup, "--into", target), Exit.USAGE, "does not describe a backup")


def test_a_target_that_is_not_empty_is_refused(aula: CommandLine, backup: Path, database_url: str) -> None:
    refused(aula("db", "restore", backup, "--into", database_url), Exit.REFUSED, "--into", "not empty")


def test_an_older_server_is_refused(aula: CommandLine, backup: Path, target: str) -> None:
    change(backup, postgresql=99)
    refused(aula("db", "restore", backup, "--into", target), Exit.REFUSED, "--into", "PostgreSQL 99", "older")
    assert is_empty(target)


def test_an_older_pg_restore_is_refused(aula: CommandLine, backup: Path, target: str) -> None:
    change(backup, pg_dump=99)
    refused(aula("db", "restore", backup, "--into", target), Exit.REFUSED, "pg_restore of PostgreSQL 99 or newer")
    assert is_empty(target)


def test_a_backup_of_a_newer_release_is_refused(aula: CommandLine, backup: Path, target: str) -> None:
    change(backup, revision="999_later")
    refused(aula("db", "restore", backup, "--into", target), Exit.REFUSED, "999_later is unknown here")
    assert is_empty(target)


def test_a_backup_of_an_older_release_says_to_migrate(
    aula: CommandLine, tmp_path: Path, target: str, sessions: sessionmaker[Session]
) -> None:
    newest = value(sessions, "select version_num from public.alembic_version")
    do(sessions, "update public.alembic_version set version_num = '026_subscription_core'")
    try:
        aula.done("db", "backup", tmp_path / "old")
    finally:
        do(sessions, "update public.alembic_version set version_num = :newest", newest=newest)
    answer = aula("db", "restore", tmp_path / "old", "--into", target, "--json")
    assert (answer.code, answer.document["revision"]) == (Exit.NOTHING, "026_subscription_core")
    assert "aula db migrate" in answer.err


@pytest.mark.parametrize(
    ("address", "words"),
    [("nothing", ["--into is no address"]), ("postgresql://x@127.0.0.1:1/x", ["the database cannot be used"])],
)
def test_an_address_that_leads_nowhere_is_refused(
    aula: CommandLine, backup: Path, address: str, words: list[str]
) -> None:
    refused(aula("db", "restore", backup, "--into", address), Exit.UNREACHABLE, *words)
