"""Events of providers: what the webhook endpoint received."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import ClockDep, SessionDep
from api.idempotency import Idempotency
from api.pages import Page, page_of
from api.refusals import refuses
from api.routes.admin.access import Operator
from api.schemas.admin.base import Action
from api.schemas.admin.events import EventOut, EventReplay, EventsQuery, EventWithBodyOut
from core.console.events import event_with_attempts, events
from core.problems import NotFound
from core.webhooks.control import EventNotFetchable, EventNotIgnorable, fetch_anew, ignore_event
from core.webhooks.control import replay_event as replay_stored

router = APIRouter(prefix="/webhooks")


@router.get("", operation_id="admin.events.list")
def list_events(session: SessionDep, query: Annotated[EventsQuery, Query()]) -> Page[EventOut]:
    """Events of providers, the newest first."""
    return page_of(events(session, query, query.page), EventOut.model_validate)


@router.get("/{event_id}", operation_id="admin.events.get")
@refuses(NotFound)
def get_event(event_id: UUID, session: SessionDep) -> EventWithBodyOut:
    """One event, with its body and the errors of its dead jobs."""
    return EventWithBodyOut.shown(event_with_attempts(session, event_id))


@router.post("/{event_id}/replay", response_model=EventOut, operation_id="admin.events.replay")
@refuses(EventNotFetchable, NotFound)
def replay_event(
    event_id: UUID, body: EventReplay, session: SessionDep, operator: Operator, idempotency: Idempotency
) -> Response:
    """Decide the event again, whatever its state; an effect that is there stays as it is."""

    def work() -> EventOut:
        event, _ = event_with_attempts(session, event_id)
        act = fetch_anew if body.source == "provider" else replay_stored
        act(session, event_id, actor_id=operator.profile_id, reason=body.reason)
        session.refresh(event)
        return EventOut.model_validate(event)

    return idempotency(200, work)


@router.post("/{event_id}/ignore", response_model=EventOut, operation_id="admin.events.ignore")
@refuses(EventNotIgnorable, NotFound)
def ignore_one_event(
    event_id: UUID, body: Action, session: SessionDep, operator: Operator, idempotency: Idempotency, clock: ClockDep
) -> Response:
    """Ignore an event that is not processed."""

    def work() -> EventOut:
        ignore_event(session, event_id, clock(), actor_id=operator.profile_id, reason=body.reason)
        return EventOut.model_validate(event_with_attempts(session, event_id)[0])

    return idempotency(200, work)
