"""The audit log, as an operator searches and exports it."""

from collections.abc import Iterator
from dataclasses import dataclass
from operator import eq, ge, lt
from typing import Final
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, sessionmaker

from core.console.filters import AuditFilter
from core.console.matching import matching
from core.paging import Newest, PageRequest, Slice, cut, newest_ids
from db.models import AuditEvent

# Entries of one export; the next one goes on after the last id.
MAX_EXPORT: Final = 100_000
PART: Final = 1000


def entries(session: Session, wanted: AuditFilter, page: PageRequest[Newest]) -> Slice[AuditEvent, Newest]:
    """Entries that match, the newest first."""
    rows = session.scalars(newest_ids(select(AuditEvent).where(*_conditions(wanted)), AuditEvent.id, page)).all()
    return cut(rows, page, lambda row: (row.at, row.id))


@dataclass(frozen=True, slots=True)
class ExportPart:
    """Entries as JSON lines, and the id of the last one; None when there are no more."""

    lines: bytes
    last_id: UUID | None


def export(sessions: sessionmaker[Session], wanted: AuditFilter, limit: int, after: UUID | None) -> Iterator[bytes]:
    """Entries that match as JSON lines, the oldest first, at most `limit`, those after the id `after`.

    Each part is a transaction of its own, so that a slow reader holds no connection.
    """
    for start in range(0, limit, PART):
        with sessions.begin() as session:
            part = export_part(session, wanted, min(PART, limit - start), after)
        yield part.lines
        after = part.last_id
        if after is None:
            return


def export_part(session: Session, wanted: AuditFilter, limit: int, after: UUID | None) -> ExportPart:
    """The next entries of an export."""
    statement = select(AuditEvent).where(*_conditions(wanted)).order_by(AuditEvent.id).limit(limit)
    if after is not None:
        statement = statement.where(AuditEvent.id > after)
    rows = session.scalars(statement).all()
    options = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
    lines = b"".join(orjson.dumps(_line(row), option=options) for row in rows)
    return ExportPart(lines, rows[-1].id if len(rows) == limit else None)


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    return matching(
        (AuditEvent.subject_id, eq, wanted.subject_id),
        (AuditEvent.actor_id, eq, wanted.actor_id),
        (AuditEvent.tag, eq, wanted.tag),
        (AuditEvent.at, ge, wanted.since),
        (AuditEvent.at, lt, wanted.until),
    )


def _line(row: AuditEvent) -> dict[str, object]:
    return {
        "id": row.id,
        "at": row.at,
        "tag": row.tag,
        "actor_id": row.actor_id,
        "subject_id": row.subject_id,
        "data": row.data,
        "seq": row.seq,
        "hash": row.hash.hex() if row.hash else None,
    }
