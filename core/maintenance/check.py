"""Check every domain's invariants: after each fault in tests, and by schedule in production.

Every five minutes what changed lately is checked, by indexes; once a day everything is, which reads whole tables.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core.audit.anchors import Evidence
from core.audit.verify import NO_EVIDENCE, verify, verify_newest
from core.findings.close import close_resolved, resolve
from core.findings.kinds import Kind
from core.findings.open import NewFinding, open_findings
from core.ids import first_id_at
from core.maintenance.anchor import newest_anchor
from core.outcomes import Done, Outcome
from db.models import Finding
from db.queries import query, statement_names

# Seconds. Work that takes longer counts as stuck.
GRACE_SECONDS: Final = 600
# Longer than the grace and some missed checks; the daily check sees what was missed for longer.
RECENT: Final = timedelta(hours=2)
# Entries of the audit log that the frequent check recomputes at most, the newest: a second or two.
NEWEST_ENTRIES: Final = 50_000
_ALL: Final = UUID(int=0)
_ALWAYS: Final = datetime.min.replace(tzinfo=UTC)
_AUDIT: Final = "audit chain"


@dataclass(frozen=True, slots=True)
class Scope:
    """What is checked: orders and other rows since the id `since`, and receipts from `mails_since` on.

    The audit log is compared with `outside` if everything is checked, else with its newest anchor in the database, if
    one of the keys `trusted` signed it.
    """

    since: UUID = _ALL
    mails_since: datetime = _ALWAYS
    outside: Evidence = NO_EVIDENCE
    trusted: Collection[str] = ()

    @property
    def whole(self) -> bool:
        """Whether everything is checked."""
        return self.since == _ALL


EVERYTHING: Final = Scope()


def recent(now: datetime, mails_since: datetime, trusted: Collection[str] = ()) -> Scope:
    """What changed lately."""
    return Scope(first_id_at(now - RECENT), mails_since, trusted=trusted)


def invariants() -> list[str]:
    """The statements that look for violations: `invariants.sql` of each domain."""
    return [name for name in statement_names() if name.endswith("/invariants")]


def violations(session: Session, grace_seconds: float = GRACE_SECONDS, scope: Scope = EVERYTHING) -> Mapping[str, int]:
    """How often each invariant is violated; those that hold are not named."""
    # Planned for the values at hand: what is recent is little.
    session.execute(text("set local plan_cache_mode = force_custom_plan"))
    if scope.whole:
        # Whole tables are read here, which the jobs' sessions otherwise avoid.
        session.execute(text("set local enable_seqscan = on"))
    params = {"grace": grace_seconds, "since": scope.since, "mails_since": scope.mails_since}
    rows = [row for name in invariants() for row in session.execute(query(name), params)]
    found = {row.invariant: row.violations for row in rows if row.violations}
    fault = _audit_fault(session, scope)
    return {**found, f"{_AUDIT}: {fault}": 1} if fault else found


def check(session: Session, scope: Scope) -> Outcome:
    """The check as a job: its result names what is violated, and each is a finding. Those whose cause is gone close."""
    resolved = close_resolved(session)
    found = violations(session, scope=scope)
    open_findings(session, [_finding(name, rows) for name, rows in found.items()])
    if scope.whole:
        _close_others(session, found)
    return Done({"violations": dict(found), "findings_resolved": resolved})


def _finding(name: str, rows: int) -> NewFinding:
    return NewFinding(Kind.CHECK_FAILED, _subject(name), details={"violated": name, "rows": rows})


def _close_others(session: Session, found: Collection[str]) -> None:
    """Only a check of everything shows that an older violation is gone."""
    still_there = {_subject(name) for name in found}
    opened = select(Finding.id, Finding.subject_id).where(
        Finding.kind == Kind.CHECK_FAILED, Finding.closed_at.is_(None)
    )
    resolve(session, [row.id for row in session.execute(opened) if row.subject_id not in still_there])


def _subject(name: str) -> UUID:
    # Where the chain is broken may change.
    return uuid5(NAMESPACE_OID, f"aula:check:{name.partition(':')[0]}")


def _audit_fault(session: Session, scope: Scope) -> str | None:
    if scope.whole:
        return verify(session, scope.outside).fault
    return verify_newest(session, newest_anchor(session), scope.trusted, NEWEST_ENTRIES).fault
