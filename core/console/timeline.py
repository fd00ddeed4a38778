"""The story of a purchase: everything that happened to one order, in the order of time, by one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from core.logs import without_secrets
from core.mail.render import TEMPLATES
from core.problems import NotFound
from db.models import Order
from db.queries import query

# Entries. A purchase has about 30; only one that was repeated very often has more than this.
MAX_ENTRIES: Final = 1000

Source = Literal[
    "order",
    "checkout",
    "event",
    "job",
    "mail",
    "payment",
    "refund",
    "dispute",
    "enrollment",
    "finding",
    "audit",
]


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """At `at`, `what` happened to the row `subject_id` of `source`; an audit entry's `what` is its tag.

    `details` of a job, a mail or a payment are its values now.
    """

    at: datetime
    source: Source
    subject_id: UUID
    what: str
    details: Mapping[str, Any]


def timeline(session: Session, order_id: UUID) -> Sequence[TimelineEntry]:
    """The first MAX_ENTRIES entries of an order's story, the oldest first. Raises NotFound."""
    if session.get(Order, order_id) is None:
        raise NotFound(f"There is no order {order_id}.")
    parameters = {"order_id": order_id, "templates": list(TEMPLATES), "limit": MAX_ENTRIES}
    rows = session.execute(query("console/timeline"), parameters).all()
    return [TimelineEntry(row.at, row.source, row.subject_id, row.what, without_secrets(row.details)) for row in rows]
