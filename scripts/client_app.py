"""`make client.app`: put the app into a folder of its own, as `flet build` wants it, and build it there."""

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / ".local" / "client-app"
TARGETS: Final = ("apk", "aab", "ipa", "web", "macos", "windows", "linux")
_ENTRY: Final = "import flet as ft\n\nfrom client.main import main\n\nft.run(main)\n"
# What only the process for the web needs.
_SERVED: Final = ("flet-web",)
_PYDANTIC: Final = "pydantic"


def main(arguments: Sequence[str]) -> int:
    """Build for the named target. Returns the exit code."""
    if len(arguments) != 1 or arguments[0] not in TARGETS:
        print(f"usage: make client.app TARGET={'|'.join(TARGETS)}", file=sys.stderr)
        return 2
    stage(FOLDER)
    if shutil.which("flutter") is None or shutil.which("flet") is None:
        print(
            f"The app is in {FOLDER}, but Flutter's SDK or `flet` is missing (pip install flet-cli).", file=sys.stderr
        )
        return 1
    command = ["flet", "build", arguments[0], str(FOLDER)]
    return subprocess.run(command, check=False).returncode  # noqa: S603 - a fixed command and a known target


def stage(folder: Path) -> None:
    """Write the app's folder anew: the package, an entry, the assets and what it depends on."""
    shutil.rmtree(folder, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__", "assets", "server.py", "__main__.py")
    shutil.copytree(ROOT / "client", folder / "client", ignore=ignored)
    shutil.copytree(ROOT / "client" / "assets", folder / "assets")
    (folder / "main.py").write_text(_ENTRY, encoding="utf-8")
    (folder / "pyproject.toml").write_text(_project(), encoding="utf-8")


def _project() -> str:
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups: list[str] = [one for one in stated["dependency-groups"]["client"] if not one.startswith(_SERVED)]
    needed = [*groups, *(one for one in stated["project"]["dependencies"] if one.startswith(f"{_PYDANTIC}>"))]
    lines = "".join(f'    "{one}",\n' for one in needed)
    return (
        f'[project]\nname = "aula"\nversion = "{stated["project"]["version"]}"\ndependencies = [\n{lines}]\n\n'
        '[tool.flet]\norg = "example.aula"\nproduct = "Aula"\n'
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
