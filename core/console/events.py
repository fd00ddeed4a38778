"""Events of providers, as an operator looks for them."""

import json
from collections.abc import Sequence
from operator import eq, ge, lt
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Text, literal_column, select
from sqlalchemy.orm import Session

from core.console.filters import EventFilter
from core.console.matching import contains, matching
from core.logs import without_secrets
from core.paging import Newest, PageRequest, Slice, cut, newest_ids
from core.problems import NotFound
from db.models import EVENT_SUBJECT, Payment, WebhookAttempt, WebhookEvent


def events(session: Session, wanted: EventFilter, page: PageRequest[Newest]) -> Slice[WebhookEvent, Newest]:
    """Events that match, the newest first."""
    statement = select(WebhookEvent).where(*event_conditions(wanted))
    rows = session.scalars(newest_ids(statement, WebhookEvent.id, page)).all()
    return cut(rows, page, lambda row: (row.received_at, row.id))


def event_conditions(wanted: EventFilter) -> list[ColumnElement[bool]]:
    """The filter as conditions on events."""
    return matching(
        (WebhookEvent.state, eq, wanted.state),
        (WebhookEvent.type, eq, wanted.type),
        (WebhookEvent.data, _is_about, wanted.order_id),
        (WebhookEvent.outcome, contains, wanted.outcome),
        (WebhookEvent.received_at, ge, wanted.since),
        (WebhookEvent.received_at, lt, wanted.until),
    )


def event_with_attempts(session: Session, event_id: UUID) -> tuple[WebhookEvent, Sequence[WebhookAttempt]]:
    """One event and the errors of its dead jobs, the oldest first. Raises NotFound."""
    event = session.get(WebhookEvent, event_id)
    if event is None:
        raise NotFound(f"There is no event {event_id}.")
    attempts = select(WebhookAttempt).where(WebhookAttempt.webhook_event_id == event_id).order_by(WebhookAttempt.id)
    return event, session.scalars(attempts).all()


def body_without_secrets(event: WebhookEvent) -> str | None:
    """The stored body as JSON in ASCII, without secrets; None when it is no JSON object any more."""
    try:
        # The json module, because a body may have half a surrogate pair, which orjson refuses.
        body: object = json.loads(event.body)
    except ValueError:
        return None
    return json.dumps(without_secrets(cast("dict[str, Any]", body))) if isinstance(body, dict) else None


def _is_about(_data: object, order_id: UUID) -> ColumnElement[bool]:
    """The event names the order, or one of its payments (index webhook_events_subject)."""
    subject = literal_column(EVENT_SUBJECT, Text())
    payments = select(Payment.provider_payment_id).where(Payment.order_id == order_id)
    return subject.is_not(None) & ((subject == str(order_id)) | subject.in_(payments))
