"""What an operator can do to events: decide them again, fetch them anew, ignore them. Each action is audited."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.record import record_action
from core.audit.tags import Tag
from core.jobs.enqueue import NORMAL, NewJob, enqueue
from core.jobs.states import allowed_from
from core.messages import FetchWebhook
from core.problems import Conflict, InputInvalid, NotFound
from core.webhooks.parse import read_stripe_event
from core.webhooks.payment_events import PaymentEvent
from db.models import WebhookEvent
from db.queries import query

# The ids of Stripe's own events; others were made here, from what Stripe answered about a checkout.
STRIPE_EVENT: Final = "evt_"


class EventNotIgnorable(Conflict):
    """The event was processed."""

    code = "event_not_ignorable"
    title = "This event cannot be ignored."


class EventNotFetchable(Conflict):
    """The provider does not know the event."""

    code = "event_not_fetchable"
    title = "This event cannot be fetched."


def replay_events(
    session: Session, event_ids: Sequence[UUID], *, actor_id: UUID | None, reason: str, priority: int = NORMAL
) -> Sequence[UUID]:
    """Decide events again from their stored bodies, and return those that will be.

    An event that waits to be decided is left out. One whose effect is there changes nothing.
    """
    stored = session.execute(select(WebhookEvent.id, WebhookEvent.body).where(WebhookEvent.id.in_(event_ids)))
    events = [{"id": row.id, "data": _data_of(row.body)} for row in stored]
    parameters = {
        "events": orjson.dumps(events).decode(),
        "finished": allowed_from("replay"),
        "priority": priority,
        "actor_id": actor_id,
        "reason": reason,
    }
    return session.scalars(query("webhooks/replay"), parameters).all()


def replay_event(session: Session, event_id: UUID, *, actor_id: UUID, reason: str) -> None:
    """Decide one event again from its stored body."""
    replay_events(session, [event_id], actor_id=actor_id, reason=reason)


def fetch_anew(session: Session, event_id: UUID, *, actor_id: UUID, reason: str) -> None:
    """Enqueue a job that fetches the event from its provider and decides it again.

    Raises NotFound, EventNotFetchable.
    """
    event = _locked(session, event_id)
    if not event.event_id.startswith(STRIPE_EVENT):
        raise EventNotFetchable(f"{event.event_id} is no event of Stripe's own; replay its stored body.")
    key = f"fetch:{event_id}"
    if not enqueue(session, NewJob(message=FetchWebhook(event_id=event_id), dedupe_key=key, cause_id=event_id)):
        raise EventNotFetchable(f"{event.event_id} is being fetched already.")
    record_action(session, Tag.EVENT_FETCHED_ANEW, event_id, actor_id=actor_id, reason=reason)


def ignore_event(session: Session, event_id: UUID, now: datetime, *, actor_id: UUID, reason: str) -> None:
    """Ignore an event that is not processed; its finding closes by itself. Raises NotFound, EventNotIgnorable."""
    event = _locked(session, event_id)
    if event.state == "processed":
        raise EventNotIgnorable("It was processed; its effect is there.")
    event.state, event.outcome, event.processed_at = "ignored", "by an operator", now
    session.flush()
    record_action(session, Tag.EVENT_IGNORED, event_id, actor_id=actor_id, reason=reason)


def _locked(session: Session, event_id: UUID) -> WebhookEvent:
    found = session.scalar(select(WebhookEvent).where(WebhookEvent.id == event_id).with_for_update())
    if found is None:
        raise NotFound(f"There is no event {event_id}.")
    return found


def _data_of(body: str) -> PaymentEvent | None:
    """What this release reads from a stored body; None when it cannot be read, as when it was redacted."""
    try:
        return read_stripe_event(body.encode()).data
    except InputInvalid:
        return None
