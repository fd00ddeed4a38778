"""Which database the command line uses."""

from functools import partial
from pathlib import Path

import pytest

from scripts.aula import database
from scripts.aula.exits import Exit
from scripts.local.instances import claim_instance
from scripts.local.running import publish, running_environment
from tests.support.command_line import CommandLine


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of runs, none of which is there yet."""
    # Set first, so that what the command adds to the environment is taken back.
    for name in ("AULA_DATABASE_URL", "AULA_REDIS_URL", "PGCONNECT_TIMEOUT"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setattr(database, "running_environment", partial(running_environment, parent=tmp_path))
    return tmp_path


def test_without_a_variable_it_is_that_of_the_run_which_serves(
    runs: Path, database_url: str, aula: CommandLine
) -> None:
    elsewhere = CommandLine({name: value for name, value in aula.env.items() if name == "AULA_OPERATOR"})
    with claim_instance("run", parent=runs) as instance:
        publish(instance.folder, {"AULA_DATABASE_URL": database_url})
        elsewhere.done("kinds", "list")


def test_without_a_run_it_says_what_to_set(runs: Path) -> None:
    assert not list(runs.iterdir())
    failed = CommandLine({})("kinds", "list")
    assert (failed.code, failed.out) == (Exit.UNREACHABLE, "")
    assert failed.err == "error: no database: set AULA_DATABASE_URL, or start `make run`\n"


def test_a_database_without_the_schema_says_to_migrate(runs: Path, empty_database_url: str) -> None:
    assert runs.exists()
    empty = CommandLine({"AULA_DATABASE_URL": empty_database_url})
    failed = empty("jobs", "list")
    assert failed.code == Exit.UNREACHABLE
    assert "aula db migrate" in failed.err
    refused = empty("db", "migrate")
    assert refused.code == Exit.REFUSED
    assert "from an empty database" in refused.err
