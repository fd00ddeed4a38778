"""Fetch an object of the provider because its event does not tell enough, and store what it tells as events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

import orjson
from sqlalchemy.orm import Session

from core.ports.books import API_VERSION, Object, ObjectKind, ProviderBooks
from core.ports.payments import FetchedSession, PaymentGateway
from core.webhooks.fetched import record_fetched, store_events
from core.webhooks.new_event import NewEvent
from core.webhooks.parse import read_stripe_event

# The type of the event that tells an object's state; an intent in another state tells nothing.
_INTENT_TYPES: Final = {
    "succeeded": "payment_intent.succeeded",
    "requires_payment_method": "payment_intent.payment_failed",
}
_TYPES: Final = {
    "charge": "charge.updated",
    "refund": "refund.updated",
    "dispute": "charge.dispute.updated",
    "radar.early_fraud_warning": "radar.early_fraud_warning.created",
}


@dataclass(slots=True)
class Fetch:
    """What to fetch, and after `ask` the answer. A checkout session is asked for as everywhere else."""

    object_kind: str
    object_id: str
    session: FetchedSession | None = None
    objects: Sequence[Object] = ()

    def ask(self, gateway: PaymentGateway, books: ProviderBooks) -> None:
        """Ask the provider and keep the answer. Raises GatewayError."""
        if self.object_kind == "checkout.session":
            self.session = gateway.fetch_checkout_session(self.object_id)
        else:
            self.objects = books.fetch(cast("ObjectKind", self.object_kind), self.object_id)


def record_fetch(session: Session, fetch: Fetch, now: datetime, *, livemode: bool) -> None:
    """Store what was fetched at `now`. The same state again is counted on its event and gets no second job.

    `livemode` is the mode of our key: not every object tells its own.
    """
    if fetch.session:
        record_fetched(session, fetch.session, now)
    store_events(session, [event for obj in fetch.objects if (event := _event_of(obj, now, livemode=livemode))])


def _event_of(obj: Mapping[str, Any], now: datetime, *, livemode: bool) -> NewEvent | None:
    kind, status = obj.get("object"), obj.get("status")
    event_type = _INTENT_TYPES.get(str(status)) if kind == "payment_intent" else _TYPES.get(str(kind))
    if event_type is None:
        return None
    # Each state of an object is a fact of its own; a charge has a new one when it is booked.
    booked: Mapping[str, Any] = obj.get("balance_transaction") or {} if kind == "charge" else {}
    body = {
        "id": f"fetched_{obj['id']}_{booked.get('id', status)}",
        "object": "event",
        "type": event_type,
        "api_version": API_VERSION,
        "created": int(now.timestamp()),
        "livemode": livemode,
        "data": {"object": obj},
    }
    return read_stripe_event(orjson.dumps(body))
