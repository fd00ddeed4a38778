"""Loads SQL by name: `orders/fulfil` is the one statement in `core/orders/fulfil.sql`.

A line `-- include jobs/_completed` stands for the text of `core/jobs/_completed.sql`, a comma behind the name for one
behind the text: what several statements share is written once. Parts have names that begin with an underscore.
"""

import re
from functools import cache
from pathlib import Path

from sqlalchemy import TextClause, text
from sqlalchemy.dialects import postgresql

SQL_ROOT = Path(__file__).parents[1] / "core"
_INCLUDE = re.compile(r"^-- include (\w+/\w+)(,?)$", re.MULTILINE)


def statement_names() -> list[str]:
    """Every statement that can be loaded."""
    return sorted(f"{path.parent.name}/{path.stem}" for path in SQL_ROOT.glob("*/*.sql") if path.stem[0] != "_")


@cache
def source(name: str) -> str:
    """The text of a statement, with what it includes. Raises FileNotFoundError."""
    written = (SQL_ROOT / f"{name}.sql").read_text(encoding="utf-8")
    return _INCLUDE.sub(lambda found: source(found[1]).rstrip() + found[2], written)


@cache
def query(name: str) -> TextClause:
    """A statement for SQLAlchemy; `:word` is a bound parameter. Raises FileNotFoundError."""
    return text(source(name))


@cache
def driver_query(name: str) -> bytes:
    """The same as psycopg takes it, with `%(word)s` for a parameter. Raises FileNotFoundError."""
    return str(query(name).compile(dialect=postgresql.psycopg.dialect())).encode()
