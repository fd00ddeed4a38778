"""Brings a database to the newest schema, from Python."""

from pathlib import Path

from alembic import command
from alembic.config import Config

ROOT = Path(__file__).parents[1]


def alembic_config(database_url: str) -> Config:
    """Alembic's configuration for this database, whatever the environment says."""
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["database_url"] = database_url
    return config


def migrate(database_url: str) -> None:
    """Runs the missing revisions; harmless to repeat, also from several processes at once.

    Raises sqlalchemy.exc.OperationalError when the database cannot be reached.
    """
    command.upgrade(alembic_config(database_url), "head")
