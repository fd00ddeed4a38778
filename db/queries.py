"""Hot SQL lives in `db/sql/*.sql`, one statement a file; this loads it by name."""

from functools import cache
from pathlib import Path

from sqlalchemy import TextClause, text
from sqlalchemy.dialects import postgresql

SQL_FOLDER = Path(__file__).with_name("sql")


@cache
def query(name: str) -> TextClause:
    """The statement in `db/sql/<name>.sql`; `:word` is a bound parameter. Raises FileNotFoundError."""
    return text((SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8"))


@cache
def driver_query(name: str) -> bytes:
    """The same as psycopg takes it, with `%(word)s` for a parameter. Raises FileNotFoundError."""
    return str(query(name).compile(dialect=postgresql.psycopg.dialect())).encode()
