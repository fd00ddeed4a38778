"""Open findings: what a person must look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from core.findings.kinds import Kind
from db.queries import query


@dataclass(frozen=True, slots=True)
class NewFinding:
    """`details` hold what an operator needs, and no secret."""

    kind: Kind
    subject_id: UUID
    order_id: UUID | None = None
    details: Mapping[str, object] = field(default_factory=dict[str, object])


def open_findings(session: Session, findings: Sequence[NewFinding]) -> None:
    """Open findings in the caller's transaction; one that is open already is counted."""
    if findings:
        session.execute(query("findings/open"), {"findings": orjson.dumps(list(findings)).decode()})
