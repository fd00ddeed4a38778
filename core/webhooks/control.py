"""What an operator can do to events: decide them again, fetch them anew, ignore them. Each action is audited."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit.record import record_action
from core.audit.tags import Tag
from core.jobs.enqueue import NORMAL, NewJob, enqueue
from core.jobs.states import allowed_from
from core.messages import FetchObject
from core.problems import Conflict, InputInvalid, NotFound
from core.webhooks.parse import read_stripe_event
from core.webhooks.payment_events import fetch_of
from core.webhooks.room_events import read_room_event
from db.models import WebhookEvent
from db.queries import query


class EventNotIgnorable(Conflict):
    """The event was processed."""

    code = "event_not_ignorable"
    title = "This event cannot be ignored."


class EventNotFetchable(Conflict):
    """The event names no object that can be fetched, or it is being fetched."""

    code = "event_not_fetchable"
    title = "This event cannot be fetched."


def replay_events(
    session: Session, event_ids: Sequence[UUID], *, actor_id: UUID | None, reason: str, priority: int = NORMAL
) -> Sequence[UUID]:
    """Decide events again from their stored bodies, and return those that will be.

    An event that waits to be decided is left out. One whose effect is there changes nothing.
    """
    stored = session.scalars(select(WebhookEvent).where(WebhookEvent.id.in_(event_ids)))
    events = [{"id": event.id, "data": _data_of(event)} for event in stored]
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
    """Fetch the object of an event from its provider; what it tells is stored and applied as an event of its own.

    Raises NotFound, EventNotFetchable.
    """
    event = _locked(session, event_id)
    wanted = _object_of(event)
    if wanted is None:
        raise EventNotFetchable(f"An event {event.type} names no object that is read here; replay its stored body.")
    if not enqueue(session, NewJob(message=wanted, dedupe_key=f"fetch:{event_id}", cause_id=event_id)):
        raise EventNotFetchable(f"The object of {event.event_id} is being fetched already.")
    if event.state in ("dead", "ignored"):
        event.state, event.outcome = "processed", "its object is fetched"
        session.flush()
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


def _data_of(event: WebhookEvent) -> Mapping[str, Any] | None:
    """What this release reads from a stored body; None when it cannot be read, as when it was redacted."""
    read = read_stripe_event if event.provider == "stripe" else read_room_event
    try:
        return read(event.body.encode()).data
    except InputInvalid:
        return None


def _object_of(event: WebhookEvent) -> FetchObject | None:
    try:
        found = fetch_of(event.type, orjson.loads(event.body)["data"]["object"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
    if found.get("kind") != "fetch":
        return None
    return FetchObject(object_kind=str(found["object"]), object_id=str(found["object_id"]))
