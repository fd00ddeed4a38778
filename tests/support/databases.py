"""Databases for tests: made for one of them, dropped afterwards."""

import os
import secrets
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import LiteralString
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from scripts.local.instances import ROOT


@contextmanager
def fresh_database(server_url: str, prefix: str, *, template: str = "template0") -> Generator[str]:
    """The address of a new database on the server of `server_url`, a copy of the template."""
    name = f"{prefix}_{secrets.token_hex(4)}"
    _execute(server_url, "CREATE DATABASE {} TEMPLATE {}", name, template)
    try:
        yield with_database(server_url, name)
    finally:
        _execute(server_url, "DROP DATABASE {} WITH (FORCE)", name)


def with_database(url: str, name: str) -> str:
    """The same server, another database."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def migrate(url: str) -> None:
    """Bring a database to the newest revision, as `make db.migrate` does.

    Raises:
        RuntimeError: a revision failed; the message is what Alembic printed.
    """
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=ROOT,
        env={**os.environ, "AULA_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"alembic upgrade head failed:\n{done.stdout}{done.stderr}")


def _execute(server_url: str, statement: LiteralString, *names: str) -> None:
    # psycopg knows the plain scheme; SQLAlchemy's names its driver too.
    address = server_url.replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
