"""The folder that `flet build` gets: the app alone, with what it needs."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from scripts import client_app


def test_the_app_is_imported_without_the_rest_of_the_tree(tmp_path: Path) -> None:
    client_app.stage(tmp_path / "app")
    command = [sys.executable, "-c", "import client.main, sys; print('api' in sys.modules, 'core' in sys.modules)"]
    done = subprocess.run(command, cwd=tmp_path / "app", capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert done.stdout.split() == ["False", "False"]


def test_the_folder_names_what_it_depends_on_and_has_its_assets(tmp_path: Path) -> None:
    client_app.stage(tmp_path / "app")
    project = tomllib.loads((tmp_path / "app" / "pyproject.toml").read_text())["project"]
    names = {one.partition(">=")[0] for one in project["dependencies"]}
    assert names == {"flet", "flet-secure-storage", "httpx", "pydantic", "tzdata"}
    assert (tmp_path / "app" / "assets" / "mark.svg").is_file()
    assert not (tmp_path / "app" / "client" / "server.py").exists()


def test_an_unknown_target_is_refused_and_the_known_ones_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert client_app.main(["dos"]) == 2
    assert "apk|aab|ipa" in capsys.readouterr().err
