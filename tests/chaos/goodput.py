"""Counts fulfilled purchases over time, and leases that run out while their message stands in a queue."""

from base64 import b64decode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from threading import Event, Thread
from time import monotonic
from typing import Self
from uuid import UUID

import orjson
import redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core.messages import MESSAGES
from core.webhooks.parse import read_stripe_event
from tests.chaos.deployment import Deployment
from tests.support.purchases import paid_event, place_orders
from tests.support.stored_events import store

SAMPLE_SECONDS = 0.5
_ADD = 2000
_COUNTS = text("""
select (select count(*) from app.orders where state = 'fulfilled'),
       (select count(*) from app.jobs where kind = 'webhooks.process' and state = 'pending')
""")
# A message holds thousands of jobs of one lease: the first of each stands for all.
_RAN_OUT = text("""
select distinct job_id from unnest(cast(:jobs as uuid[]), cast(:leases as integer[])) as queued (job_id, lease_version)
join app.job_attempts a using (job_id, lease_version)
where a.error like 'the lease ran out%'
""")


@dataclass(frozen=True, slots=True)
class Sample:
    """What was done at a moment of the monotonic clock."""

    at: float
    fulfilled: int
    waiting: int


@dataclass(slots=True)
class Goodput:
    """Samples while its context is open, and keeps at least `backlog` purchases waiting while it feeds.

    Each is done by a thread of its own: a slow one of them must not be taken for a pause of the system.
    """

    deployment: Deployment
    backlog: int
    samples: list[Sample] = field(default_factory=list[Sample])
    placed: int = 0
    ran_out_in_queue: set[UUID] = field(default_factory=set[UUID])
    feeds: bool = True
    _ends: Event = field(default_factory=Event)
    _threads: list[Thread] = field(default_factory=list[Thread])

    def __enter__(self) -> Self:
        self._threads = [Thread(target=self._repeat, args=[once]) for once in (self._sample, self._feed, self._look)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        for thread in self._threads:
            thread.join()

    def add(self, count: int) -> None:
        """Place purchases of one course each, and store their payment events, in one commit."""
        with self.deployment.sessions.begin() as session:
            _add(session, count)
        self.placed += count

    def rate(self, since: float, until: float) -> float:
        """Purchases fulfilled a second between two moments, from the samples next to them."""
        within = [one for one in self.samples if since <= one.at <= until]
        if len(within) <= 1:
            return 0.0
        return (within[-1].fulfilled - within[0].fulfilled) / (within[-1].at - within[0].at)

    def rate_without(self, pauses: Sequence[tuple[float, float]], since: float, until: float) -> float:
        """The rate between two moments, of the steps between samples that touch none of these pauses."""
        done = seconds = 0.0
        for a, b in pairwise(one for one in self.samples if since <= one.at <= until):
            if not any(began < b.at and a.at < ended for began, ended in pauses):
                done += b.fulfilled - a.fulfilled
                seconds += b.at - a.at
        return done / seconds if seconds else 0.0

    def timeline(self, step: float) -> list[int]:
        """The rate in each step of so many seconds, from the first sample on."""
        first, last = self.samples[0].at, self.samples[-1].at
        starts = [first + step * number for number in range(int((last - first) / step))]
        return [round(self.rate(start, start + step + SAMPLE_SECONDS)) for start in starts]

    def recovered_after(self, moment: float, rate: float, window: float) -> float | None:
        """Seconds from `moment` until the first window of so many seconds in which `rate` was reached; None: never."""
        starts = [one.at for one in self.samples if one.at >= moment and one.at + window <= self.samples[-1].at]
        return next((start - moment for start in starts if self.rate(start, start + window + 0.1) >= rate), None)

    def slowest(self, since: float) -> float:
        """The longest time without a purchase fulfilled."""
        moved = [b.at for a, b in pairwise(self.samples) if b.fulfilled > a.fulfilled and b.at >= since]
        return max((b - a for a, b in pairwise(moved)), default=0.0)

    def _repeat(self, once: Callable[[], None]) -> None:
        while not self._ends.wait(SAMPLE_SECONDS):
            try:
                once()
            except (SQLAlchemyError, RedisError):
                # The fault of the moment.
                continue

    def _sample(self) -> None:
        with self.deployment.sessions() as session:
            row = session.execute(_COUNTS).one()
        self.samples.append(Sample(monotonic(), *row))

    def _feed(self) -> None:
        if self.feeds and self.samples and self.samples[-1].waiting < self.backlog:
            self.add(_ADD)

    def _look(self) -> None:
        """Count the messages in the broker whose lease has run out."""
        queued = list(_first_jobs(self.deployment))
        found = {"jobs": [job for job, _ in queued], "leases": [lease for _, lease in queued]}
        with self.deployment.sessions() as session:
            ran_out = session.scalars(_RAN_OUT, found).all()
        self.ran_out_in_queue.update(ran_out)


def _add(session: Session, count: int) -> None:
    store(session, [read_stripe_event(paid_event(one)) for one in place_orders(session, count)])


def _first_jobs(deployment: Deployment) -> Iterable[tuple[UUID, int]]:
    """The first job and the lease of each message in the broker."""
    with redis.from_url(deployment.redis_url, socket_timeout=1, socket_connect_timeout=1) as broker:
        for queue in sorted({message.queue for message in MESSAGES.values()}):
            raw: list[bytes] = broker.lrange(queue, 0, -1)  # pyright: ignore[reportUnknownMemberType, reportAssignmentType] - redis-py's own
            for one in raw:
                wire = orjson.loads(b64decode(orjson.loads(one)["body"]))[0][0]
                yield UUID(wire["jobs"][0]), int(wire["lease_version"])
