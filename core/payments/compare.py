"""Compare the provider's books with payments, refunds and disputes, a day at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import NAMESPACE_OID, UUID, uuid5

import orjson
from sqlalchemy import RowMapping, select
from sqlalchemy.orm import Session

from core.findings.close import resolve
from core.findings.kinds import Kind
from core.findings.open import NewFinding, open_findings
from core.jobs.enqueue import NewJob, enqueue
from core.messages import CompareBooks, FetchObject
from core.payments.cursors import advance, open_window, read_pages
from core.ports.books import BookEntry, ProviderBooks, Window
from db.models import Finding, ProviderCursor
from db.queries import query

# The first comparison begins so long ago.
FIRST: Final = timedelta(days=1)
DAY: Final = timedelta(days=1)
# Money that moved so shortly before the end of a window may not be in the books yet, or not here.
SETTLED: Final = timedelta(hours=1)
# A bank debit succeeds up to two weeks after its payment is known.
LONGEST_DEBIT: Final = timedelta(days=15)
# Of 100 entries each, in one job. The next job goes on.
PAGES: Final = 5
# New findings of one day. If everything differs, a person need not read all of it.
MOST: Final = 1_000


@dataclass(slots=True)
class Reading:
    """The window that is read, and after `read` its entries and the id to go on after."""

    window: Window
    entries: list[BookEntry] = field(default_factory=list[BookEntry])
    last: str | None = None

    def read(self, books: ProviderBooks) -> None:
        """Read some pages. Raises GatewayError."""
        self.entries, self.last = read_pages(books.list_entries, self.window, PAGES)


def plan_comparison(session: Session, now: datetime) -> Reading | None:
    """What to read at `now`; None if there is nothing to read."""
    window = open_window(session, "books", now - FIRST - SETTLED, now - SETTLED, DAY)
    return Reading(window) if window else None


def record_comparison(session: Session, reading: Reading) -> None:
    """Store the entries, compare at the end of the window, and enqueue the next part or the next day, if any."""
    window = reading.window
    session.execute(query("payments/store_entries"), {"entries": orjson.dumps(reading.entries).decode()})
    advance(session, "books", window, reading.last)
    if reading.last is None:
        _compare(session, window)
    if reading.last or window.until - window.since == DAY:
        key = f"compare:{reading.last or window.until.isoformat()}"
        enqueue(session, NewJob(message=CompareBooks(), dedupe_key=key))


def _compare(session: Session, window: Window) -> None:
    """Open a finding for each difference, close those that are gone, and fetch what concerns an order."""
    began_at = session.scalars(select(ProviderCursor.began_at).where(ProviderCursor.name == "books")).one()
    parameters = {
        "since": window.since,
        "until": window.until,
        "began_at": began_at,
        "oldest": _oldest_id(window.since - LONGEST_DEBIT),
        "settled": SETTLED,
        "most": MOST,
    }
    differences = session.execute(query("payments/compare"), parameters).mappings().all()
    _close_others(session, differences)
    open_findings(session, [_finding(one) for one in differences])
    enqueue(
        session, *(_fetch(one, window) for one in differences if one["order_id"] and one["reason"] != "unknown there")
    )


def _close_others(session: Session, differences: Sequence[RowMapping]) -> None:
    still_open = {_subject(one["object_id"]) for one in differences}
    found = select(Finding.id, Finding.subject_id).where(
        Finding.kind == Kind.BOOKS_DIFFER.value, Finding.closed_at.is_(None)
    )
    resolve(session, [row.id for row in session.execute(found) if row.subject_id not in still_open])


def _finding(one: RowMapping) -> NewFinding:
    details = {name: value for name, value in one.items() if name != "order_id"}
    return NewFinding(Kind.BOOKS_DIFFER, _subject(one["object_id"]), one["order_id"], details)


def _fetch(one: RowMapping, window: Window) -> NewJob:
    """A question about what differs: the answer is applied as a webhook is."""
    is_payment = one["kind"] == "payment"
    object_kind, object_id = (
        ("payment_intent", one["provider_payment_id"]) if is_payment else (one["kind"], one["object_id"])
    )
    key = f"fetch:{object_id}:compare:{window.until.isoformat()}"
    return NewJob(message=FetchObject(object_kind=object_kind, object_id=object_id), dedupe_key=key)


def _subject(object_id: str) -> UUID:
    return uuid5(NAMESPACE_OID, f"stripe:{object_id}")


def _oldest_id(at: datetime) -> UUID:
    """The lowest UUIDv7 of that time: its first 48 bits are milliseconds."""
    return UUID(int=int(at.timestamp() * 1000) << 80)
