"""`make db.schema`: writes `db/schema.sql` and the generated parts of `docs/data-model.md`.

Both are read from a scratch database at the newest revision, so they show the migrations and not the state of a
developer's database.
"""

import re
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from db.migrate import migrate
from scripts.data_model_page import write_generated_parts
from scripts.database_url import without_driver
from scripts.local.services import LocalServices
from scripts.postgres_clients import find_client, run_client

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
    wanted = ["--schema-only", "--schema=app", "--no-owner", "--no-privileges"]
    return normalise(run_client(find_client("pg_dump"), wanted, database_url))


def normalise(dump: str) -> str:
    """Only the statements, separated by one empty line."""
    return HEADING + "\n" + re.sub(r"\n{3,}", "\n\n", NOISE.sub("", dump)).strip() + "\n"


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
