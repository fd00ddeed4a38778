"""What can be followed as an event stream: each kind with its query for changes, and how a reader sees it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from api.schemas.base import Schema
from api.schemas.jobs import JobOut
from api.schemas.orders import OrderOut
from core.following import Known, changed
from core.identity import Identity
from core.jobs.view import JobView, job_for
from core.orders.view import OrderView, view
from core.problems import InputInvalid

KindName = Literal["order", "job"]


class _Viewed(Protocol):
    @property
    def finished(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class _Shown:
    viewed: _Viewed
    out: Schema


@dataclass(frozen=True, slots=True)
class Kind:
    """`changed` names the query that compares versions; `show` raises NotFound for what the reader may not see."""

    changed: str
    show: Callable[[Session, UUID, Identity, datetime], _Shown]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A thing at one version. `finished`: nothing more happens to it by itself."""

    version: str
    finished: bool
    data: str


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing to follow."""

    kind: KindName
    id: UUID

    def read(self, session: Session, reader: Identity, now: datetime) -> Snapshot:
        """The thing as the reader sees it; version and data are of the session's one snapshot. Raises NotFound."""
        kind = KINDS[self.kind]
        shown = kind.show(session, self.id, reader, now)
        [version] = changed(session, kind.changed, [Known(self.id, None)], now).values()
        return Snapshot(version, shown.viewed.finished, shown.out.model_dump_json())


def _show_order(session: Session, order_id: UUID, reader: Identity, now: datetime) -> _Shown:
    order: OrderView = view(session, order_id, reader.profile_id, now=now, sees_all=reader.is_operator)
    return _Shown(order, OrderOut.of(order))


def _show_job(session: Session, job_id: UUID, reader: Identity, _now: datetime) -> _Shown:
    job: JobView = job_for(session, job_id, reader)
    return _Shown(job, JobOut.of(job))


KINDS: Final[Mapping[KindName, Kind]] = {
    "order": Kind("orders/changed", _show_order),
    "job": Kind("jobs/changed", _show_job),
}

_KIND_OF_PATH: Final[Mapping[str, KindName]] = {"orders": "order", "jobs": "job"}
_PATH: Final = re.compile(r"/(orders|jobs)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/events")


def topic_of(path: str) -> Topic:
    """What the stream at `path` follows. Raises InputInvalid."""
    found = _PATH.fullmatch(path)
    if not found:
        raise InputInvalid("Give the path of a stream: /orders/{id}/events or /jobs/{id}/events.", field="path")
    return Topic(_KIND_OF_PATH[found[1]], UUID(found[2]))
