"""The files that the conventions apply to."""

import ast
from functools import cache
from pathlib import Path

from scripts.local.instances import ROOT

PRODUCTION = ("api", "tasks", "workers", "core", "db")
SOURCE = (*PRODUCTION, "emulators", "scripts", "alembic", "client")


@cache
def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


@cache
def sql_files() -> list[Path]:
    return sorted((ROOT / "core").rglob("*.sql"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def dotted(path: Path) -> str:
    """The name that a module is imported by."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
