"""Privacy."""

from sqlalchemy.orm import Session

from core.clock import utc_now
from core.messages import ExportData, RedactEvents, RedactLateEvents
from core.outcomes import Outcome
from core.privacy.export import build
from core.privacy.redact import redact as redact_events
from core.privacy.redact import redact_late as redact_late_events
from tasks.decorators import each_task


@each_task(RedactEvents)
def redact(session: Session, message: RedactEvents) -> Outcome:
    """Redact stored events about erased buyers."""
    return redact_events(session, message.after)


@each_task(RedactLateEvents)
def redact_late(session: Session, _message: RedactLateEvents) -> Outcome:
    """Redact events that came for buyers who had been erased."""
    return redact_late_events(session, utc_now())


@each_task(ExportData)
def export(session: Session, message: ExportData) -> Outcome:
    """Make the archive of what is kept about a person."""
    return build(session, message.export_id, utc_now())
