"""README, Makefile, pyproject and pins agree with the tree."""

import re
import subprocess
import tomllib

from scripts.local.instances import ROOT
from tests.architecture.tree import PRODUCTION, python_files

FIRST_SCREEN = 40
# A path of the tree, as production names it: Path(__file__).parents[1] / "folder" / "file".
NAMED_PATH = re.compile(r'Path\(__file__\)(?:\.resolve\(\))?\.parents\[(\d+)\]\)?((?: / "[^"]+")+)')


def test_every_ruff_exception_is_explained() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lint = tomllib.loads(text)["tool"]["ruff"]["lint"]
    codes = [*lint["ignore"], *(code for listed in lint["per-file-ignores"].values() for code in listed)]
    unexplained = [code for code in codes if not re.search(rf'"{code}"[^#\n]*# \w+', text)]
    assert codes
    assert unexplained == []


def test_every_make_target_is_in_its_help() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][\w.]*):(?!=)", text, flags=re.MULTILINE))
    help_text = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S607 - the make that runs the tests
    listed = {line.split()[1]: line.split(maxsplit=2)[2] for line in help_text.splitlines()}
    assert set(listed) == targets
    phony = re.search(r"^\.PHONY: (.*)$", text, flags=re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == targets


def test_the_readme_begins_with_the_two_commands() -> None:
    first_screen = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:FIRST_SCREEN]
    assert [command for command in ("make run", "make test") if not any(command in one for one in first_screen)] == []


def test_pins_name_no_package_index() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        assert re.findall(r"https?://|^--(?!hash)", path.read_text(encoding="utf-8"), flags=re.MULTILINE) == [], path


def paths_named_by_production() -> set[str]:
    """The files and folders of the tree that production reads at run time."""
    return {
        str(path.parents[int(levels)].joinpath(*re.findall(r'"([^"]+)"', parts)).relative_to(ROOT))
        for path in python_files(*PRODUCTION)
        for levels, parts in NAMED_PATH.findall(path.read_text(encoding="utf-8"))
    }


def test_the_image_has_every_file_that_production_reads() -> None:
    named = paths_named_by_production()
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = {source.rstrip("/") for line in lines if line.startswith("COPY ") for source in line.split()[1:-1]}
    # The build sees only what .dockerignore allows.
    allowed = re.findall(r"^!(.+?)/?$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), flags=re.MULTILINE)
    in_image = copied & set(allowed)
    assert "landing/return.html" in named
    assert [path for path in sorted({*named, *PRODUCTION}) if not (ROOT / path).exists()] == []
    assert [path for path in sorted({*named, *PRODUCTION}) if path.split("/")[0] not in in_image] == []
