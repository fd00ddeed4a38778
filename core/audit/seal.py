"""Seal the audit log: add the new entries to the hash chain."""

from typing import Final

import orjson
from sqlalchemy.orm import Session

from core.audit.chain import Entry, extend
from core.audit.verify import BEGINNING, end_of
from core.outcomes import Done, Outcome
from db.queries import query

# One seal takes at most this many entries, so that its transaction stays short; the next tick takes the next.
QUOTA: Final = 20_000


def seal(session: Session, quota: int = QUOTA) -> Outcome:
    """Add the oldest unsealed entries to the chain; the result says how many."""
    entries = [Entry(*row) for row in session.execute(query("audit/unsealed"), {"quota": quota})]
    if not entries:
        return Done({"sealed": 0})
    seq, previous = end_of(session) or BEGINNING
    sealed = [
        {"id": entry_id, "seq": number, "hash": digest.hex()}
        for entry_id, number, digest in extend(seq, previous, entries)
    ]
    session.execute(query("audit/seal"), {"sealed": orjson.dumps(sealed).decode()})
    return Done({"sealed": len(sealed)})
