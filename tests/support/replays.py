"""Store events that failed, and run a replay of them as workers do, without waiting for its rate."""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from core.console.filters import EventFilter
from core.messages import RunReplay
from core.replays.advance import PAUSE, advance
from core.replays.start import NewReplay, start
from core.webhooks.origin import Origin
from core.webhooks.parse import read_stripe_event
from db.models import Job, Profile, Replay
from tests.support.jobs import claim_all, do
from tests.support.purchases import Purchase, paid_event, place_orders
from tests.support.stored_events import store
from tests.support.webhook_harness import process

_KILL_EVENTS = "update app.webhook_events set state = 'dead', outcome = 'given up', processed_at = now()"
_KILL_JOBS = "update app.jobs set state = 'dead', finished_at = now(), last_error = 'no such table'"


class AbortedError(Exception):
    """The worker's transaction ends without a commit."""


def store_failed(sessions: sessionmaker[Session], count: int) -> list[Purchase]:
    """Paid purchases whose events and jobs are dead."""
    with sessions.begin() as session:
        purchases = list(place_orders(session, count))
        store(session, (read_stripe_event(paid_event(purchase)) for purchase in purchases))
    do(sessions, _KILL_EVENTS)
    do(sessions, _KILL_JOBS)
    return purchases


def an_operator(sessions: sessionmaker[Session]) -> UUID:
    with sessions.begin() as session:
        profile = Profile(email="operator@aula.example", password_hash="-", display_name="O", role="admin")
        found = session.scalar(select(Profile.id).where(Profile.email == profile.email))
        if found:
            return found
        session.add(profile)
        session.flush()
        return profile.id


def start_replay(sessions: sessionmaker[Session], count: int, rate: int) -> UUID:
    """Start a replay of all dead events."""
    operator = an_operator(sessions)
    wanted = NewReplay(webhooks=EventFilter(), reason="the table is there again", rate=rate, expected_count=count)
    with sessions.begin() as session:
        return start(session, wanted, actor_id=operator).id


def row(sessions: sessionmaker[Session], replay_id: UUID) -> Replay:
    with sessions() as session:
        return session.get_one(Replay, replay_id)


@dataclass(slots=True)
class ReplayRunner:
    """Runs the parts of a replay at the times of its own clock, and the jobs of the events after each."""

    sessions: sessionmaker[Session]
    replay_id: UUID
    now: datetime
    progress: list[int] = field(default_factory=list[int])
    began: float = field(default_factory=time.perf_counter)

    def run_part(self, *, abort: bool = False) -> None:
        """Run the current part; its transaction ends without a commit if `abort`."""
        self.now += PAUSE
        current = row(self.sessions, self.replay_id)
        with self.sessions.begin() as session:
            advance(session, RunReplay(replay_id=self.replay_id, step=current.step), self.now)
            if abort:
                raise AbortedError
        self.progress.append(row(self.sessions, self.replay_id).replayed)

    def run(self) -> None:
        """Run all parts that are left, and process the events after each."""
        while row(self.sessions, self.replay_id).state == "running":
            self.run_part()
            self.process()

    def process(self) -> None:
        """Process the events whose jobs are due."""
        for batch in claim_all(self.sessions, size=500):
            if batch.kind == "webhooks.process":
                process(self.sessions, batch, Origin(livemode=False))

    def waiting_parts(self) -> int:
        """How many jobs wait for the current step."""
        step = row(self.sessions, self.replay_id).step
        with self.sessions() as session:
            found = session.scalars(select(Job.payload).where(Job.kind == RunReplay.kind, Job.state == "pending"))
            return sum(payload["step"] == step for payload in found)

    def rate(self, count: int) -> float:
        """Events a second since the start, in real time."""
        return count / (time.perf_counter() - self.began)


def longest_time(count: int, rate: int) -> timedelta:
    """How long a replay at this rate takes, with a part more at its start and end."""
    return timedelta(seconds=count / rate) + 3 * PAUSE
