"""The files that the rules are about."""

import ast
from functools import cache
from pathlib import Path

from scripts.local.instances import ROOT

PRODUCTION = ("api", "tasks", "workers", "core", "db")
SOURCE = (*PRODUCTION, "emulators", "scripts", "alembic", "client")


@cache
def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
