"""Look for what must never be, after every fault in tests and from beat in production."""

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.audit.verify import verify
from core.outcomes import Done, Outcome
from db.queries import query

# Work that takes longer than this, seconds, is held to be stuck.
GRACE_SECONDS = 600


def violations(session: Session, grace_seconds: float = GRACE_SECONDS) -> Mapping[str, int]:
    """How often each invariant is violated; those that hold are not named."""
    # It reads whole tables, which the ledger's sessions otherwise avoid.
    session.execute(text("set local enable_seqscan = on"))
    rows = session.execute(query("maintenance/check"), {"grace": grace_seconds})
    found = {row.invariant: row.violations for row in rows if row.violations}
    fault = verify(session).fault
    return {**found, f"audit chain: {fault}": 1} if fault else found


def check(session: Session) -> Outcome:
    """The check as a job: its result names what is violated, for the operator's alarm."""
    return Done({"violations": dict(violations(session))})
