"""Report new findings: as errors in the log, and by email to the operator."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.findings.kinds import MEANINGS, Kind
from core.ports.mail import MESSAGE_ID_DOMAIN, Email
from db.models import Finding

# One email names at most so many; the next report names the rest.
MAX_REPORTED: Final = 50

log = structlog.get_logger("findings")


@dataclass(frozen=True, slots=True)
class Report:
    """New findings, and the email about them."""

    finding_ids: tuple[UUID, ...]
    email: Email


def prepare(session: Session, operator_email: str | None, now: datetime) -> Report | None:
    """Log new findings; the report to send, or None without new ones or without an operator's address."""
    unreported = select(Finding).where(Finding.reported_at.is_(None)).order_by(Finding.id).limit(MAX_REPORTED)
    findings = session.scalars(unreported.with_for_update(skip_locked=True)).all()
    for finding in findings:
        log.error(
            "finding opened",
            finding=str(finding.id),
            kind=finding.kind,
            subject=str(finding.subject_id),
            order=str(finding.order_id) if finding.order_id else None,
            details=finding.details,
        )
    if not findings:
        return None
    if operator_email is None:
        _mark(session, [finding.id for finding in findings], now)
        return None
    email = Email(
        message_id=f"<findings-{findings[0].id}@{MESSAGE_ID_DOMAIN}>",
        to=operator_email,
        subject=f"Aula: {len(findings)} new finding{'s' if len(findings) > 1 else ''}",
        text="\n\n".join(map(_paragraph, findings)),
    )
    return Report(tuple(finding.id for finding in findings), email)


def sent(session: Session, report: Report, now: datetime) -> None:
    """The mail server has taken the report."""
    _mark(session, list(report.finding_ids), now)


def _paragraph(finding: Finding) -> str:
    lines = [f"{finding.kind}: {MEANINGS[Kind(finding.kind)].text}", f"aula findings show {finding.id}"]
    if finding.order_id:
        lines.append(f"aula orders show {finding.order_id}")
    return "\n".join(lines)


def _mark(session: Session, finding_ids: list[UUID], now: datetime) -> None:
    session.execute(update(Finding).where(Finding.id.in_(finding_ids)).values(reported_at=now))
