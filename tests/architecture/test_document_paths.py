"""The files and functions that the documents name exist."""

import ast
import re
from pathlib import Path

import pytest

from scripts.local.instances import ROOT

PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
FOLDERS = "alembic|api|core|db|docs|emulators|landing|requirements|scripts|tasks|tests|workers"
NAMED_FILE = re.compile(rf"`((?:{FOLDERS})/[\w./-]+\.\w+)(?:: (\w+))?")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[\w-]+)?\)")
COUNT = re.compile(r"^(\d+) (?:steps|hops) in (\d+) files\b", re.MULTILINE)


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def defined_names(path: Path) -> set[str]:
    """The functions, classes and module variables of a Python file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case _:
                pass
    return names


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_file_and_function_on_the_page_exists(page: Path) -> None:
    missing = [
        f"{path}: {name}" if name else path
        for path, name in NAMED_FILE.findall(page.read_text(encoding="utf-8"))
        if not (ROOT / path).is_file() or (name and name not in defined_names(ROOT / path))
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_link_on_the_page_leads_to_a_file(page: Path) -> None:
    assert [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()] == []


def test_the_walkthrough_counts_its_steps_and_files() -> None:
    text = (ROOT / "docs" / "walkthrough.md").read_text(encoding="utf-8")
    counted: list[tuple[int, int]] = []
    start = 0
    for stated in COUNT.finditer(text):
        section = text[start : stated.start()]
        rows = [line for line in section.splitlines() if line.startswith("| ") and "`" in line]
        counted.append((len(rows), len({path for path, _ in NAMED_FILE.findall(section)})))
        start = stated.end()
    assert counted == [(int(steps), int(files)) for steps, files in COUNT.findall(text)]
    assert len(counted) == len(("steps", "hops"))
