"""The set-up script."""

import os
import subprocess
from pathlib import Path

import pytest

from scripts import setup


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(setup, "LOG", tmp_path / ".local" / "setup.log")
    monkeypatch.setattr(setup, "venv_works", lambda: True)
    for folder in (".venv", "requirements"):
        (tmp_path / folder).mkdir()
    for name in setup.SETS:
        (tmp_path / "requirements" / f"{name}.txt").write_text(f"{name}==1\n")
    return tmp_path


def stamp(name: str) -> None:
    setup.stamp_of(name).write_text(setup.digest_of(name))


def test_a_set_is_installed_if_it_or_a_larger_set_was_installed(checkout: Path) -> None:
    assert checkout.exists()
    assert not setup.installed("local")
    stamp("dev")
    assert [name for name in setup.SETS if setup.installed(name)] == ["production", "client", "local", "dev"]


def test_changed_pins_are_installed_again(checkout: Path) -> None:
    stamp("local")
    assert setup.installed("local")
    (checkout / "requirements" / "local.txt").write_text("local==2\n")
    assert not setup.installed("local")


@pytest.mark.parametrize("arguments", [[], ["everything"], ["local", "dev"]])
def test_an_unknown_set_prints_the_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert setup.main(arguments) == 2
    assert "production|client|local|dev|bench" in capsys.readouterr().err


def test_progress_counts_packages_and_logs_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"Collecting package{number}==1\n" for number in range(1, 13)]
    logged: list[str] = []
    setup.show_progress([*lines, "Installing collected packages: all\n"], logged.append, 20)
    assert logged == [*lines, "Installing collected packages: all\n"]
    assert capsys.readouterr().out == "  10/20  package10==1\n  installing …\n"


def test_a_python_that_is_asked_for_and_cannot_be_used_is_an_error() -> None:
    python = "/no/such/python"
    environment = {**os.environ, "PYTHON": python}
    script = Path(__file__).parents[3] / "scripts" / "setup.sh"
    done = subprocess.run([script, "nothing"], env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert done.returncode == 1
    assert python in done.stderr


def test_the_command_is_linked_once_and_again_when_the_checkout_moves(checkout: Path) -> None:
    command = checkout / ".venv" / "bin" / "aula"
    command.parent.mkdir()
    command.symlink_to("/nowhere/scripts/aula.sh")
    setup.link_command()
    assert command.readlink() == setup.COMMAND
    before = command.lstat().st_mtime_ns
    setup.link_command()
    assert command.lstat().st_mtime_ns == before
