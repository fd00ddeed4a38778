"""What the relay does with jobs: claim those that are due as batches, or release them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from core.clock import NewId
from core.jobs.batch import Batch
from core.jobs.dispatch import DispatchState, Lane, Request, Watermark
from db.queries import query
from db.statements import Statements


class Claimed(NamedTuple):
    """Jobs of one lane and lease version, in the order they are due: a row of the claiming statements.

    `batch_limit` is the most of them in a batch if they are isolated, else None.
    """

    kind: str
    priority: int
    lease_version: int
    batch_limit: int | None
    ids: Sequence[UUID]
    last_run_at: datetime


def claim(
    statements: Statements,
    dispatch: DispatchState,
    requests: Sequence[Request],
    *,
    lease_seconds: int,
    batch_size: int,
    new_id: NewId,
) -> list[Batch]:
    """Claim what the requests ask for, and return the batches to publish."""
    params = {"lanes": orjson.dumps([r.row() for r in requests]).decode(), "lease": lease_seconds}
    claimed = [Claimed(*row) for row in statements.run("jobs/claim", params)]
    _record(dispatch, requests, claimed)
    return batches(claimed, batch_size, new_id)


def claim_isolated(
    statements: Statements,
    kinds: Sequence[str],
    *,
    lease_seconds: int,
    batch_size: int,
    new_id: NewId,
) -> list[Batch]:
    """Claim isolated jobs that are due: one batch of each of `kinds`."""
    params = {"kinds": list(kinds), "lease": lease_seconds, "most": batch_size}
    return batches([Claimed(*row) for row in statements.run("jobs/claim_isolated", params)], batch_size, new_id)


def claim_limited(
    session: Session, kinds: Iterable[str], *, lease_seconds: int, batch_size: int, new_id: NewId
) -> list[Batch]:
    """Claim what is due of those of `kinds` that have a limit; nothing while another relay is counting."""
    if not session.scalar(query("jobs/claim_lock")):
        return []
    params = {"kinds": list(kinds), "lease": lease_seconds, "quota": batch_size}
    claimed = [Claimed(*row) for row in session.execute(query("jobs/claim_limited"), params)]
    return batches(claimed, batch_size, new_id)


def paused_or_limited(statements: Statements) -> Sequence[str]:
    """The kinds that `claim` leaves out: they are paused, or have a limit."""
    return [kind for (kind,) in statements.run("jobs/paused_or_limited")]


def release(session: Session, batch: Batch) -> None:
    """The broker did not take this batch: its jobs are due again, and no attempt is counted."""
    session.execute(query("jobs/release"), batch.sql())


def batches(claimed: Iterable[Claimed], size: int, new_id: NewId) -> list[Batch]:
    """Batches of one kind, lease version and limit. A batch of one has its job's id."""
    together: defaultdict[tuple[str, int, int | None], list[UUID]] = defaultdict(list)
    for some in claimed:
        together[some.kind, some.lease_version, some.batch_limit] += some.ids
    made: list[Batch] = []
    for (kind, lease_version, limit), ids in together.items():
        most = size if limit is None else min(limit, size)
        for start in range(0, len(ids), most):
            part = tuple(ids[start : start + most])
            alone = limit is not None and len(part) == 1
            made.append(Batch(kind, _name(part, new_id), lease_version, isolated=alone, job_ids=part))
    return made


def _name(ids: Sequence[UUID], new_id: NewId) -> UUID:
    return ids[0] if len(ids) == 1 else new_id()


def _record(dispatch: DispatchState, requests: Sequence[Request], claimed: Sequence[Claimed]) -> None:
    by_lane: defaultdict[Lane, list[Claimed]] = defaultdict(list)
    for some in claimed:
        by_lane[Lane(some.kind, some.priority)].append(some)
    for request in requests:
        got = by_lane[request.lane]
        last = max(((some.last_run_at, some.ids[-1]) for some in got), default=None)
        mark = Watermark(*last) if last else None
        dispatch.claimed(request, sum(len(some.ids) for some in got), mark)
