"""Read the provider's list of events from where the last sweep ended, and store those that never came."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.jobs.enqueue import NewJob, enqueue
from core.messages import SweepEvents
from core.payments.cursors import advance, open_window, read_pages
from core.ports.books import ProviderBooks, Window
from core.problems import InputInvalid
from core.webhooks.fetched import store_events
from core.webhooks.new_event import NewEvent
from core.webhooks.parse import read_stripe_event
from core.webhooks.payment_events import EVENT_TYPES
from db.models import WebhookEvent

# The first sweep reaches as far back as Stripe's deliveries are retried.
FIRST: Final = timedelta(days=3)
# Stripe keeps events for 30 days; all that is left is one window.
LONGEST: Final = timedelta(days=30)
# An event becomes visible some time after its `created`.
OVERLAP: Final = timedelta(hours=1)
# Of 100 events each, in one job. The next job goes on, so the calls are few each second.
PAGES: Final = 5

log = structlog.get_logger("webhooks")


@dataclass(slots=True)
class Sweep:
    """The window that is read, and after `read` its events and the id to go on after."""

    window: Window
    events: list[NewEvent] = field(default_factory=list[NewEvent])
    last: str | None = None

    def read(self, books: ProviderBooks) -> None:
        """Read some pages. Raises GatewayError."""
        window = replace(self.window, since=self.window.since - OVERLAP)
        raws, self.last = read_pages(lambda part: books.list_events(list(EVENT_TYPES), part), window, PAGES)
        self.events = [event for raw in raws if (event := _read(raw))]


def plan_sweep(session: Session, now: datetime) -> Sweep | None:
    """The sweep to make at `now`; None if there is nothing to read."""
    window = open_window(session, "events", now - FIRST, now, LONGEST)
    return Sweep(window) if window else None


def record_sweep(session: Session, sweep: Sweep) -> None:
    """Store the events that never came, and enqueue the next part of the window, if any."""
    ids = [event.event_id for event in sweep.events]
    came = set(session.scalars(select(WebhookEvent.event_id).where(WebhookEvent.event_id.in_(ids))))
    lost = [event for event in sweep.events if event.event_id not in came]
    if lost:
        log.warning("events had not come", count=len(lost))
    store_events(session, lost)
    advance(session, "events", sweep.window, sweep.last)
    if sweep.last:
        enqueue(session, NewJob(message=SweepEvents(), dedupe_key=f"sweep:{sweep.last}"))


def _read(raw: Mapping[str, Any]) -> NewEvent | None:
    try:
        return read_stripe_event(orjson.dumps(raw))
    except (InputInvalid, orjson.JSONEncodeError) as error:
        # The endpoint refuses such an event too; it must not stop the others.
        log.warning("event not readable", event_id=str(raw.get("id"))[:255], reason=str(error))
        return None
