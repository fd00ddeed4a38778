"""Log each failed attempt as one line, and each dead job as an error."""

from collections.abc import Iterable
from typing import Any

import structlog
from sqlalchemy import Row

from core.messages import MESSAGES

log = structlog.get_logger("jobs")


def log_failed(kind: str, rows: Iterable[Row[Any]], error: str) -> None:
    """Log what a statement about failed jobs of one kind returned: rows with id, cause_id, attempts and dead."""
    for row in rows:
        if row.dead:
            log.error("job dead", **_fields(kind, row, error))
        else:
            log.warning("attempt failed", **_fields(kind, row, error))


def log_postponed(kind: str, rows: Iterable[Row[Any]], reason: str) -> None:
    """The same where an external service was unavailable: no attempt is counted, so that is no failure."""
    for row in rows:
        if row.dead:
            log.error("job dead", **_fields(kind, row, reason))
        else:
            log.info("job postponed", **_fields(kind, row, reason))


def _fields(kind: str, row: Row[Any], error: str) -> dict[str, Any]:
    # Kinds of another release have no message here.
    queue = MESSAGES[kind].queue if kind in MESSAGES else None
    cause = str(row.cause_id) if row.cause_id else None
    return {"job": str(row.id), "kind": kind, "queue": queue, "cause": cause, "attempt": row.attempts, "error": error}


def describe(error: BaseException) -> str:
    """An error as it is stored on the job: its type and first line; the log has the rest."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
