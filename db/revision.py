"""The revision of a database's schema, and the one that this release needs."""

from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

# A migration's file has the name of its revision, and the numbers are in their order; a test holds both.
REVISIONS: Final = tuple(
    sorted(path.stem for path in (Path(__file__).parents[1] / "alembic" / "versions").glob("[0-9]*.py"))
)
NEWEST: Final = REVISIONS[-1]
_CURRENT: Final = text("select version_num from public.alembic_version")


def revision_of(session: Session) -> str | None:
    """The revision of the database; None before the first migration. The transaction stays usable."""
    try:
        with session.begin_nested():
            return session.scalar(_CURRENT)
    except ProgrammingError:
        return None


def is_new_enough(revision: str | None) -> bool:
    """Whether this release can run on it: its own revision, or that of a later release, which it does not know."""
    return revision is not None and (revision == NEWEST or revision not in REVISIONS)
