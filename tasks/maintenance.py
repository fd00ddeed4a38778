"""Maintenance."""

from sqlalchemy.orm import Session

from core.clock import utc_now
from core.maintenance.check import check as check_invariants
from core.maintenance.prune import prune as prune_tables
from core.messages import CheckInvariants, Prune
from core.outcomes import Outcome
from tasks import runtime
from tasks.decorators import each_task


@each_task(CheckInvariants)
def check(session: Session, _message: CheckInvariants) -> Outcome:
    """Look for what must never be."""
    return check_invariants(session)


@each_task(Prune)
def prune(session: Session, _message: Prune) -> Outcome:
    """Delete what has outlived its use."""
    return prune_tables(session, utc_now(), runtime.config())
