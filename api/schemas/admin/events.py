from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from api.schemas.admin.base import Action, Paged
from api.schemas.admin.jobs import AttemptOut
from api.schemas.base import Schema, Time
from core.console.events import body_without_secrets
from core.console.filters import EventFilter
from db.models import WebhookAttempt, WebhookEvent, WebhookProvider, WebhookState


class EventsQuery(Paged, EventFilter):
    """A filter and a page of events."""


class EventReplay(Action):
    """How to decide an event again: from its stored body, or fetched anew from the provider by a job."""

    source: Literal["stored", "provider"] = "stored"


class EventOut(Schema):
    """A provider's event, without its body."""

    id: UUID
    provider: WebhookProvider
    event_id: str = Field(description="The provider's id of the event.")
    type: str
    state: WebhookState
    outcome: str | None
    livemode: bool | None
    api_version: str | None
    deliveries: int
    data: dict[str, Any] = Field(description="What Aula reads from the body.")
    occurred_at: Time
    received_at: Time
    processed_at: Time | None


class EventWithBodyOut(EventOut):
    """A provider's event with its body and the errors of its dead jobs."""

    body: str | None = Field(description="JSON. Values of fields with secret names are left out.")
    failed_attempts: list[AttemptOut]

    @classmethod
    def shown(cls, found: tuple[WebhookEvent, Sequence[WebhookAttempt]]) -> "EventWithBodyOut":
        """The event with its body and attempts."""
        event, attempts = found
        values = EventOut.model_validate(event).model_dump()
        shown = [AttemptOut.model_validate(one) for one in attempts]
        return cls(**values, body=body_without_secrets(event), failed_attempts=shown)
