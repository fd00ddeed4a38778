"""Prove the audit log: recompute the chain and find the first place where it does not hold."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.chain import GENESIS, Entry, link
from db.models import AuditEvent


@dataclass(frozen=True, slots=True)
class Verification:
    """`entries` are sealed and in order; `fault` says where and how the chain is broken, if it is."""

    entries: int
    fault: str | None = None


def verify(session: Session) -> Verification:
    """Recompute every hash in order; finds an edited, deleted, added or reordered entry among the sealed."""
    sealed = select(AuditEvent).where(AuditEvent.seq.is_not(None)).order_by(AuditEvent.seq)
    # Closed also when a fault ends the reading early: the rows come through a cursor on the server.
    with session.scalars(sealed.execution_options(yield_per=5000)) as rows:
        return _verify_rows(rows)


def _verify_rows(rows: Iterable[AuditEvent]) -> Verification:
    previous, expected = GENESIS, 0
    for row in rows:
        expected += 1
        if row.seq != expected:
            return Verification(expected - 1, f"entry {expected} is missing")
        entry = Entry(row.id, row.at, row.tag, row.actor_id, row.subject_id, row.data)
        previous = link(previous, expected, entry)
        if row.hash != previous:
            return Verification(expected - 1, f"entry {expected} ({row.id}) is not what was sealed")
    return Verification(expected)
