"""Fetch a stored event anew from its provider, and decide it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from core.messages import FetchWebhook
from core.ports.payments import PaymentGateway
from core.webhooks.control import replay_events
from db.models import WebhookEvent


@dataclass(slots=True)
class FetchedEvent:
    """`provider_id` is the event's id at the provider; `body` is its answer, after `fetch`."""

    event_id: UUID
    provider_id: str
    body: Mapping[str, object] | None = None

    def fetch(self, gateway: PaymentGateway) -> None:
        """Ask the provider and keep the answer. Raises GatewayError."""
        self.body = gateway.fetch_event(self.provider_id)


def prepare_fetch(session: Session, message: FetchWebhook) -> FetchedEvent:
    """The event to fetch."""
    return FetchedEvent(message.event_id, session.get_one(WebhookEvent, message.event_id).event_id)


def store_fetched(session: Session, fetched: FetchedEvent) -> None:
    """Replace the stored body, and decide the event again."""
    event = session.get_one(WebhookEvent, fetched.event_id, with_for_update=True)
    event.body = orjson.dumps(fetched.body).decode()
    session.flush()
    replay_events(session, [event.id], actor_id=None, reason="fetched anew")
