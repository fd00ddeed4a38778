"""Store verified events and their jobs, many in one statement."""

from collections.abc import Iterable

import orjson
from sqlalchemy.orm import Session

from core.webhooks.new_event import NewEvent, merge_deliveries
from db.queries import query


def store(session: Session, events: Iterable[NewEvent]) -> None:
    """Store events in the caller's transaction. A known event is counted and gets no second job."""
    session.execute(query("webhooks/store"), {"events": orjson.dumps(merge_deliveries(events)).decode()})
