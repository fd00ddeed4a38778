"""Remove personal data from stored events about the orders of erased buyers, a batch at a time."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from core.jobs.enqueue import NewJob, enqueue
from core.messages import RedactEvents
from core.outcomes import Done, Outcome
from core.webhooks.personal_data import MARK, redacted_body
from db.models import WebhookEvent
from db.queries import query

# Events that one job examines.
BATCH: Final = 500
# Events come for erased buyers too, such as a dispute. Once a day the last days are examined, so that a day without
# schedules leaves none out.
LOOK_BACK: Final = timedelta(days=3)


def redact(session: Session, after: UUID) -> Outcome:
    """Redact the events of one batch that come after the event `after`, and enqueue the next batch if there is one."""
    rows = session.execute(query("privacy/redact"), {"after": after, "batch": BATCH, "mark": MARK}).all()
    redacted = [row for row in rows if row.body is not None]
    for row in redacted:
        session.execute(update(WebhookEvent).where(WebhookEvent.id == row.id).values(body=redacted_body(row.body)))
    if len(rows) == BATCH:
        last = rows[-1].id
        enqueue(session, NewJob(message=RedactEvents(after=last), dedupe_key=f"redact:{last}"))
    return Done({"examined": len(rows), "redacted": len(redacted)})


def redact_late(session: Session, now: datetime) -> Outcome:
    """Examine the events of the last days again."""
    since = int((now - LOOK_BACK).timestamp() * 1000)
    # The first 48 bits of a UUIDv7 are its time in milliseconds.
    enqueue(session, NewJob(message=RedactEvents(after=UUID(int=since << 80)), dedupe_key="redact:late"))
    return Done({})
