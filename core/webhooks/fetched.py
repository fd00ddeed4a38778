"""Turn what the provider answered about a checkout into a stored event, so that it is applied as a webhook is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

import orjson
from sqlalchemy.orm import Session

from core.payments.checkout import mark_closed
from core.payments.inquiry import Inquiry
from core.ports.books import API_VERSION
from core.ports.payments import FetchedSession
from core.webhooks.new_event import NewEvent, merge_deliveries
from core.webhooks.parse import read_stripe_event
from core.webhooks.personal_data import without_personal_data
from db.queries import query

Result = Literal["paid", "unpaid", "failed", "expired"]

# The type of the event that the webhook for the same result would have.
_TYPES: Final[dict[Result, str]] = {
    "paid": "checkout.session.completed",
    "unpaid": "checkout.session.completed",
    "failed": "checkout.session.async_payment_failed",
    "expired": "checkout.session.expired",
}


def record_fetched(session: Session, fetched: FetchedSession, now: datetime) -> None:
    """Store what was learned as an event with its job, and close an expired checkout. An open session tells nothing.

    The same result again is counted on its event and gets no second job.
    """
    event = event_of(fetched, now)
    if event is None:
        return
    store_events(session, [event])
    if fetched.status == "expired":
        mark_closed(session, fetched.session.id, now)


def store_events(session: Session, events: Sequence[NewEvent]) -> None:
    """Store events with their jobs, in the statement of the webhook endpoint: a known event is counted."""
    if events:
        session.execute(query("webhooks/store"), {"events": orjson.dumps(merge_deliveries(events)).decode()})


def record_answer(session: Session, inquiry: Inquiry, now: datetime) -> None:
    """Record the answer to an inquiry, if it was asked. A session that the provider does not know can never be paid."""
    if inquiry.fetched:
        record_fetched(session, inquiry.fetched, now)
    if inquiry.unknown:
        mark_closed(session, inquiry.session_id, now)


def event_of(fetched: FetchedSession, now: datetime) -> NewEvent | None:
    """The event that says what was fetched at `now`; None for an open session."""
    result = _result(fetched)
    if result is None:
        return None
    # Its own id: the webhook itself may still come, and payments recognise what they know already.
    body = {
        "id": f"fetched_{fetched.session.id}_{result}",
        "object": "event",
        "type": _TYPES[result],
        "api_version": API_VERSION,
        "created": int(now.timestamp()),
        "livemode": fetched.livemode,
        # This body has no signature to be checked, so it does not hold more than is read from it.
        "data": {"object": without_personal_data(fetched.raw)},
    }
    return read_stripe_event(orjson.dumps(body))


def _result(fetched: FetchedSession) -> Result | None:
    match fetched.status:
        case "open":
            return None
        case "expired":
            return "expired"
        case "complete" if fetched.payment_failed:
            return "failed"
        case "complete":
            return "unpaid" if fetched.payment_status == "unpaid" else "paid"
