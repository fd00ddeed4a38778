"""Findings, as an operator looks for them."""

from operator import eq, ge, lt
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.console.filters import FindingFilter
from core.console.matching import matching
from core.paging import Newest, PageRequest, Slice, cut, newest_ids
from core.problems import NotFound
from db.models import Finding


def findings(session: Session, wanted: FindingFilter, page: PageRequest[Newest]) -> Slice[Finding, Newest]:
    """Findings that match, the newest first."""
    conditions = matching(
        (Finding.kind, eq, wanted.kind),
        (Finding.order_id, eq, wanted.order_id),
        (Finding.opened_at, ge, wanted.since),
        (Finding.opened_at, lt, wanted.until),
        (Finding.closed_at, _is_state, wanted.state),
    )
    rows = session.scalars(newest_ids(select(Finding).where(*conditions), Finding.id, page)).all()
    return cut(rows, page, lambda row: (row.opened_at, row.id))


def finding_of(session: Session, finding_id: UUID) -> Finding:
    """One finding. Raises NotFound."""
    found = session.get(Finding, finding_id)
    if found is None:
        raise NotFound(f"There is no finding {finding_id}.")
    return found


def _is_state(closed_at: InstrumentedAttribute[object], state: Literal["open", "closed"]) -> ColumnElement[bool]:
    return closed_at.is_(None) if state == "open" else closed_at.is_not(None)
