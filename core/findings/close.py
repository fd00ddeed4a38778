"""Close findings: by an operator, or because their cause is gone."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.record import record
from core.audit.tags import Tag
from core.findings.kinds import MEANINGS, Action, Kind
from core.findings.problems import FindingActionRefused, FindingClosed
from core.problems import NotFound
from core.reasons import checked_reason
from db.models import Finding, FindingResolution
from db.queries import query


def open_finding(session: Session, finding_id: UUID, action: Action) -> Finding:
    """The open finding, locked, for an action. Raises NotFound, FindingClosed or FindingActionRefused."""
    wanted = select(Finding).where(Finding.id == finding_id).with_for_update()
    # Also if the session has read it before: another operator may have closed it since.
    finding = session.scalar(wanted.execution_options(populate_existing=True))
    if finding is None:
        raise NotFound(f"There is no finding {finding_id}.")
    if finding.closed_at is not None:
        raise FindingClosed(f"The finding was {finding.resolution} at {finding.closed_at.isoformat()}.")
    allowed = MEANINGS[Kind(finding.kind)].actions
    if action not in allowed:
        raise FindingActionRefused(f"A finding {finding.kind} allows {', '.join(allowed)}, not {action}.")
    return finding


def dismiss(session: Session, finding_id: UUID, *, actor_id: UUID, reason: str, now: datetime) -> None:
    """Close a finding without any effect. Raises InputInvalid, NotFound, FindingClosed."""
    close(session, open_finding(session, finding_id, "dismiss"), "dismissed", actor_id=actor_id, reason=reason, now=now)


def close(
    session: Session, finding: Finding, resolution: FindingResolution, *, actor_id: UUID, reason: str, now: datetime
) -> None:
    """Close an open finding with the operator's reason. Raises InputInvalid."""
    reason = checked_reason(reason)
    finding.closed_at, finding.closed_by = now, actor_id
    finding.resolution, finding.close_reason = resolution, reason
    session.flush()
    data = {"kind": finding.kind, "resolution": resolution, "reason": reason}
    record(session, Tag.FINDING_CLOSED, finding.id, actor_id=actor_id, data=data)


def resolve(session: Session, finding_ids: Sequence[UUID]) -> None:
    """Close open findings whose cause their domain found to be gone."""
    if finding_ids:
        session.execute(query("findings/resolve"), {"ids": list(finding_ids)})


def close_resolved(session: Session) -> int:
    """Close the findings whose cause is gone, and return how many; one whose money was given back is `refunded`."""
    return session.scalar(query("findings/close_resolved")) or 0
