"""Prove the audit log: recompute the chain, compare it with its anchors, and find the first place that is wrong."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from core.audit.anchors import Anchor, Evidence, fault_of
from core.audit.chain import GENESIS, Entry, link
from db.models import AuditEvent

_ROWS_AT_ONCE: Final = 5000


@dataclass(frozen=True, slots=True)
class Verification:
    """`entries` are sealed and in order, and `anchors` agree; `fault` says where and how the log is broken."""

    entries: int
    fault: str | None = None
    anchors: int = 0


class Place(NamedTuple):
    """A place in the chain: after so many entries, of which the last one has this hash."""

    entries: int
    hash: bytes


NO_EVIDENCE: Final = Evidence()
BEGINNING: Final = Place(0, GENESIS)


def verify(session: Session, outside: Evidence = NO_EVIDENCE) -> Verification:
    """Recompute every hash in order, and compare with the anchors from outside the database.

    Finds an edited, deleted, added or reordered entry among the sealed. With anchors it also finds what the chain
    cannot show alone: that the newest entries, or all, were deleted, or that they were changed and sealed anew.
    """
    found = _follow(session, BEGINNING, None, outside.anchors)
    return found if found.fault else replace(found, fault=outside.fault)


def verify_since(
    session: Session, anchor: Anchor | None, trusted: Collection[str] = (), most: int | None = None
) -> Verification:
    """The same from an anchor on, without reading what it covers: at most the next `most` entries."""
    if anchor is None:
        return _follow(session, BEGINNING, most, ())
    fault = fault_of((anchor,), trusted) or _difference(anchor, end_of(session, anchor.entries))
    if fault:
        return Verification(0, fault)
    return _follow(session, Place(anchor.entries, anchor.hash), most, ())


def verify_newest(session: Session, anchor: Anchor | None, trusted: Collection[str], most: int) -> Verification:
    """The same for the newest entries: those after the anchor, at most `most`. What lies between is not read."""
    end = end_of(session) or BEGINNING
    start = max(end.entries - most, anchor.entries if anchor else 0)
    fault = anchor and (fault_of((anchor,), trusted) or _difference(anchor, end_of(session, anchor.entries)))
    if fault:
        return Verification(0, fault)
    place = (end_of(session, start) if start else None) or BEGINNING
    return _follow(session, place, None, ())


def end_of(session: Session, entries: int | None = None) -> Place | None:
    """Where the first `entries` of the chain end, or all; None if there are not so many."""
    sealed = select(AuditEvent.seq, AuditEvent.hash).where(AuditEvent.seq.is_not(None))
    chosen = sealed.order_by(AuditEvent.seq.desc()).limit(1) if entries is None else sealed.filter_by(seq=entries)
    row = session.execute(chosen).one_or_none()
    return Place(row.seq, row.hash) if row else None


def _follow(session: Session, start: Place, most: int | None, anchors: Sequence[Anchor]) -> Verification:
    # Closed also when a fault ends the reading early: the rows come through a cursor on the server.
    with session.execute(_entries_after(start.entries, most), execution_options={"yield_per": _ROWS_AT_ONCE}) as rows:
        return _compare(rows, start, anchors)


def _compare(rows: Iterable[Row[Any]], start: Place, anchors: Sequence[Anchor]) -> Verification:
    expected, previous = start
    agreed = 0
    for row in rows:
        expected += 1
        if row.seq != expected:
            return Verification(expected - 1, f"entry {expected} is missing", agreed)
        previous = link(previous, expected, Entry(row.id, row.at, row.tag, row.actor_id, row.subject_id, row.data))
        if row.hash != previous:
            return Verification(expected - 1, f"entry {expected} ({row.id}) is not what was sealed", agreed)
        if agreed < len(anchors) and anchors[agreed].entries == expected:
            if fault := _difference(anchors[agreed], Place(expected, previous)):
                return Verification(expected - 1, fault, agreed)
            agreed += 1
    if agreed < len(anchors):
        return Verification(expected, _difference(anchors[agreed], None), agreed)
    return Verification(expected, None, agreed)


def _difference(anchor: Anchor, found: Place | None) -> str | None:
    if found is None:
        return f"entry {anchor.entries} is missing, which anchor {anchor.number} covers"
    if found.hash != anchor.hash:
        return f"entry {anchor.entries} is not what anchor {anchor.number} signed: entries up to it were sealed anew"
    return None


def _entries_after(seq: int, most: int | None) -> Select[*tuple[Any, ...]]:
    columns = (
        AuditEvent.seq,
        AuditEvent.hash,
        AuditEvent.id,
        AuditEvent.at,
        AuditEvent.tag,
        AuditEvent.actor_id,
        AuditEvent.subject_id,
        AuditEvent.data,
    )
    return select(*columns).where(AuditEvent.seq > seq).order_by(AuditEvent.seq).limit(most)
