"""What an event stream follows: a thing, and the version of it that was sent last.

A version is a hash of the thing's state, so a client that was away gets the newest state, and none that it has.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from db.queries import query


@dataclass(frozen=True, slots=True)
class Known:
    """A thing by its id, and its version when it was read; None before the first time."""

    id: UUID
    version: str | None


def changed(session: Session, statement: str, known: Collection[Known], now: datetime) -> Mapping[Known, str]:
    """The new versions of those that have changed, in one query; `statement` is the kind's, such as `jobs/changed`."""
    if not known:
        return {}
    asked = {"ids": [one.id for one in known], "versions": [one.version for one in known], "now": now}
    return {Known(found.id, found.known): found.version for found in session.execute(query(statement), asked)}
