"""Take back what was lost: leases that ran out, a process that died, and all in flight when the broker was wiped."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from core.ledger.batch import Batch
from core.messages import MESSAGES
from db.queries import query

# What a domain does when jobs of its kind are given up: kind -> function of the dead jobs' ids.
Burial = Callable[[Session, Sequence[UUID]], None]
Burials = Mapping[str, Burial]


@dataclass(frozen=True, slots=True)
class Rescued:
    """How many jobs run again, of which kinds, and how many are dead."""

    kinds: frozenset[str]
    pending: int
    dead: int


def rescue(session: Session, burials: Burials, quota: int = 1000) -> Rescued:
    """Take back at most `quota` jobs of each kind whose lease ran out; those with no attempt left are buried."""
    return _taken_back(session, burials, session.execute(query("ledger_rescue"), {"quota": quota}).all())


def hand_back(session: Session, burials: Burials, batch: Batch, error: str) -> Rescued:
    """The process that ran `batch` died: its jobs run again at once, alone, or are buried."""
    rows = session.execute(query("ledger_hand_back"), {**batch.sql(), "error": error}).all()
    return _taken_back(session, burials, rows)


def rescue_all(session: Session) -> Rescued:
    """The broker was wiped: take back all that was in flight and that no worker holds.

    Calls to the outside are left to their leases, since nothing tells a lost message from a call that is under way.
    """
    outside = [message.kind for message in MESSAGES.values() if message.calls_outside]
    rows = session.execute(query("ledger_rescue_all"), {"outside": outside}).all()
    return Rescued(frozenset(row.kind for row in rows), len(rows), 0)


def bury(session: Session, burials: Burials, kind: str, job_ids: Sequence[UUID]) -> None:
    """Let the domain of `kind` mark what these dead jobs leave behind."""
    if job_ids and kind in burials:
        burials[kind](session, job_ids)


def _taken_back(session: Session, burials: Burials, rows: Sequence[Row[Any]]) -> Rescued:
    dead: defaultdict[str, list[UUID]] = defaultdict(list)
    for row in rows:
        if row.dead:
            dead[row.kind].append(row.id)
    for kind, ids in dead.items():
        bury(session, burials, kind, ids)
    buried = sum(map(len, dead.values()))
    return Rescued(frozenset(row.kind for row in rows), len(rows) - buried, buried)
