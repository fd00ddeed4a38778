"""Dispatch stored events to the domains they concern, mark them, and complete their jobs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.jobs.batch import Batch
from core.jobs.work import take
from core.messages import ProcessWebhook
from core.outcomes import EventOutcome, Ignored
from core.webhooks.origin import Origin
from db.models import WebhookEvent
from db.queries import query
from db.statements import Statements


@dataclass(frozen=True, slots=True)
class BatchHandler:
    """Applies the events of its kinds in one statement, with `parameters` of its own."""

    statement: str
    parameters: Mapping[str, str]


# Applies one event; its order is locked by the handler.
OneHandler = Callable[[Session, WebhookEvent], EventOutcome]
EventHandlers = Mapping[str, BatchHandler | OneHandler]


def apply_batch(statements: Statements, batch: Batch, handlers: EventHandlers, origin: Origin) -> int:
    """Apply the events whose kinds have a statement; returns how many jobs are left for `apply_one_by_one`."""
    left = len(batch)
    # Several kinds may have one statement.
    by_statement = {one.statement: one for one in handlers.values() if isinstance(one, BatchHandler)}
    for handler in by_statement.values():
        left = _repeat(statements, batch, handler, left, origin)
    return left


def apply_one_by_one(session: Session, batch: Batch, handlers: EventHandlers, origin: Origin) -> None:
    """Apply the events that are left, in the caller's transaction. Orders and rooms are locked by id: no deadlock.

    Raises LookupError when an event is missing.
    """
    outcomes: list[dict[str, str]] = []
    event_ids = {ProcessWebhook.read(job.payload).event_id for job in take(session, batch)}
    # Handlers lock the order or the room of an event: in one order, so that two batches never wait for each other.
    locked = (WebhookEvent.data["order_id"].astext, WebhookEvent.data["room"].astext)
    in_order = select(WebhookEvent).order_by(*locked, WebhookEvent.occurred_at, WebhookEvent.id).with_for_update()
    events = session.scalars(in_order.where(WebhookEvent.id.in_(event_ids))).all()
    if missing := event_ids - {event.id for event in events}:
        raise LookupError(f"there is no webhook event {min(missing)}")
    for event in events:
        outcome = _apply(session, event, handlers)
        outcomes.append({"id": str(event.id), "state": outcome.state, "outcome": outcome.reason})
    parameters = {**batch.sql(), **origin.sql(), "outcomes": orjson.dumps(outcomes).decode()}
    session.execute(query("webhooks/apply_outcomes"), parameters)


def _repeat(statements: Statements, batch: Batch, handler: BatchHandler, left: int, origin: Origin) -> int:
    parameters = {**handler.parameters, **batch.sql(), **origin.sql()}
    while left:
        ((now_left, _),) = statements.run(handler.statement, parameters)
        if now_left == left:
            break
        left = now_left
    return left


def _apply(session: Session, event: WebhookEvent, handlers: EventHandlers) -> EventOutcome:
    handler = handlers.get(event.data.get("kind", "none"))
    if handler is None or isinstance(handler, BatchHandler):
        return Ignored("nothing to do")
    return handler(session, event)
