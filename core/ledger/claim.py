"""The relay's side of the ledger: claim what is due as batches, or give it back."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from core.clock import NewId
from core.ledger.batch import Batch
from core.ledger.lanes import Lane, Lanes, Request, Watermark
from db.queries import query


class Claimed(NamedTuple):
    """A row as the claiming statements return it."""

    id: UUID
    kind: str
    priority: int
    attempt: int
    solo: bool
    run_at: datetime


def claim(
    session: Session, lanes: Lanes, now: float, *, lease_seconds: int, batch_size: int, new_id: NewId
) -> list[Batch]:
    """Claim for every lane that is awake and return the batches to publish once this is committed."""
    requests = lanes.requests(now)
    if not requests:
        return []
    params = {"lanes": orjson.dumps([r.row() for r in requests]).decode(), "lease": lease_seconds}
    rows = [Claimed(*row) for row in session.execute(query("ledger_claim"), params)]
    _remember(lanes, requests, rows)
    return batches(rows, batch_size, new_id)


def claim_limited(session: Session, *, lease_seconds: int, batch_size: int, new_id: NewId) -> list[Batch]:
    """Claim what is due of the kinds that have a limit; nothing while another relay is counting."""
    if not session.scalar(query("ledger_claim_lock")):
        return []
    params = {"lease": lease_seconds, "quota": batch_size}
    rows = [Claimed(*row) for row in session.execute(query("ledger_claim_limited"), params)]
    return batches(rows, batch_size, new_id)


def release(session: Session, batch: Batch) -> None:
    """The broker did not take this batch: its jobs are due again, uncharged."""
    session.execute(query("ledger_release"), batch.sql())


def batches(rows: Iterable[Claimed], size: int, new_id: NewId) -> list[Batch]:
    """Group claimed jobs by kind and attempt, the solo ones each alone. A batch of one bears its job's id."""
    company: defaultdict[tuple[str, int], list[UUID]] = defaultdict(list)
    made: list[Batch] = []
    for row in rows:
        if row.solo:
            made.append(Batch(row.kind, row.id, row.attempt, solo=True, job_ids=(row.id,)))
        else:
            company[row.kind, row.attempt].append(row.id)
    for (kind, attempt), ids in company.items():
        for start in range(0, len(ids), size):
            part = tuple(ids[start : start + size])
            made.append(Batch(kind, _name(part, new_id), attempt, solo=False, job_ids=part))
    return made


def _name(ids: Sequence[UUID], new_id: NewId) -> UUID:
    return ids[0] if len(ids) == 1 else new_id()


def _remember(lanes: Lanes, requests: Sequence[Request], rows: Sequence[Claimed]) -> None:
    by_lane: defaultdict[Lane, list[Claimed]] = defaultdict(list)
    for row in rows:
        by_lane[Lane(row.kind, row.priority)].append(row)
    place: Callable[[Claimed], tuple[datetime, UUID]] = lambda row: (row.run_at, row.id)  # noqa: E731 - typed key
    for request in requests:
        got = by_lane[request.lane]
        last = max(got, key=place) if got else None
        mark = Watermark(last.run_at, last.id) if last else None
        lanes.claimed(request, len(got), mark, alone=any(row.solo for row in got))
