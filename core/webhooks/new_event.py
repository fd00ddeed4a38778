"""An event of a provider as it is stored, and the rows that store many."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from db.models import WebhookProvider

# Bytes. Events are far smaller; a larger body is refused before it is read.
LARGEST_BODY: Final = 512 * 1024


class NewEvent(NamedTuple):
    """An event as it is stored; `occurred_at` is the provider's own time, `body` the text that was signed.

    `data` is what is read from the body, with its `kind`. `account` is the account that the event names, None for the
    one whose secret signed it; `livemode` is None where the provider has no test mode.
    """

    provider: WebhookProvider
    event_id: str
    type: str
    api_version: str | None
    account: str | None
    livemode: bool | None
    occurred_at: datetime
    body: str
    data: Mapping[str, Any]


def merge_deliveries(events: Iterable[NewEvent]) -> list[dict[str, Any]]:
    """The rows of webhooks/store.sql: deliveries of one event are one row that counts them."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for event in events:
        row = rows.setdefault((event.provider, event.event_id), {**event._asdict(), "deliveries": 0})
        row["deliveries"] += 1
    # Sorted, so that two statements that store the same events lock them in one order.
    return [rows[key] for key in sorted(rows)]
