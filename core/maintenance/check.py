"""Check every domain's invariants: after each fault in tests, and by schedule in production."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.audit.verify import verify
from core.findings.close import close_resolved
from core.outcomes import Done, Outcome
from db.queries import query, statement_names

# Seconds. Work that takes longer counts as stuck.
GRACE_SECONDS: Final = 600


def invariants() -> list[str]:
    """The statements that look for violations: `invariants.sql` of each domain."""
    return [name for name in statement_names() if name.endswith("/invariants")]


def violations(session: Session, grace_seconds: float = GRACE_SECONDS) -> Mapping[str, int]:
    """How often each invariant is violated; those that hold are not named."""
    # Whole tables are read here, which the jobs' sessions otherwise avoid.
    session.execute(text("set local enable_seqscan = on"))
    rows = [row for name in invariants() for row in session.execute(query(name), {"grace": grace_seconds})]
    found = {row.invariant: row.violations for row in rows if row.violations}
    fault = verify(session).fault
    return {**found, f"audit chain: {fault}": 1} if fault else found


def check(session: Session) -> Outcome:
    """The check as a job: its result names what is violated. Findings whose cause is gone are closed."""
    resolved = close_resolved(session)
    return Done({"violations": dict(violations(session)), "findings_resolved": resolved})
