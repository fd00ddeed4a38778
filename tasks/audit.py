"""The audit log."""

from sqlalchemy.orm import Session

from core.audit.seal import seal as seal_entries
from core.messages import SealAudit
from core.outcomes import Outcome
from tasks.decorators import each_task


@each_task(SealAudit)
def seal(session: Session, _message: SealAudit) -> Outcome:
    """Chain what was written since the last seal."""
    return seal_entries(session)
