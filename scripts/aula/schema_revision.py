"""The revision of a database's schema, and the newest one."""

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.orm import Session

from db.migrate import alembic_config


def newest_revision() -> str:
    """The revision of this release."""
    return ScriptDirectory.from_config(alembic_config("")).get_current_head() or ""


def revision_of(session: Session) -> str | None:
    """The revision of the database; None before the first migration."""
    return MigrationContext.configure(session.connection()).get_current_revision()
