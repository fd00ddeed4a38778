"""Brings a database to the newest schema, from Python."""

import re
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.util import CommandError

ROOT = Path(__file__).parents[1]
# Alembic's error has no type of its own for this.
_UNKNOWN: Final = re.compile(r"Can't locate revision identified by '(\w+)'")


class SchemaOfLaterRelease(Exception):  # noqa: N818 - a state of the database, not a bug
    """The database was migrated by a later release."""


def alembic_config(database_url: str) -> Config:
    """Alembic's configuration for this database, whatever the environment says."""
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["database_url"] = database_url
    return config


def migrate(database_url: str) -> None:
    """Runs the missing revisions; harmless to repeat, also from several processes at once.

    Raises sqlalchemy.exc.OperationalError when the database cannot be reached, and SchemaOfLaterRelease.
    """
    try:
        command.upgrade(alembic_config(database_url), "head")
    except CommandError as error:
        if unknown := _UNKNOWN.search(str(error)):
            said = f"the schema is at {unknown[1]}, which this release does not know: migrate with the later release"
            raise SchemaOfLaterRelease(said) from None
        raise
