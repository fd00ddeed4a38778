"""A pending job says why it waits."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session, sessionmaker

from core.identity import Identity
from core.jobs import work
from core.jobs.enqueue import NewJob, enqueue
from core.jobs.view import JobView, job_for
from tests.support.jobs import claim_all, do
from tests.support.trials.messages import Trial

LATER = "update app.jobs set run_at = now() + interval '1 hour'"
PAUSE = "update app.job_kinds set paused_at = now(), pause_reason = 'x' where kind = 'trials.run'"
LIMIT = "update app.job_kinds set max_running = 1 where kind = 'trials.run'"
LIMIT_PER_KEY = "update app.job_kinds set max_per_key = 1 where kind = 'trials.run'"
RUNNING = """
insert into app.jobs (kind, state, concurrency_key, lease_until)
values ('trials.run', 'dispatched', 'key', now() + interval '1 minute')
"""


@pytest.fixture(autouse=True)
def unlimited(sessions: sessionmaker[Session]) -> Iterator[None]:
    yield
    do(sessions, "update app.job_kinds set max_running = null, max_per_key = null where kind = 'trials.run'")


def add(sessions: sessionmaker[Session]) -> UUID:
    with sessions.begin() as session:
        return enqueue(session, NewJob(message=Trial(), concurrency_key="key"))[0]


def view(sessions: sessionmaker[Session], job_id: UUID) -> JobView:
    with sessions() as session:
        return job_for(session, job_id, Identity(uuid4(), "admin", uuid4(), "aal2"))


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        ([], "due"),
        ([LIMIT], "due"),
        ([RUNNING], "due"),
        ([LATER], "scheduled"),
        ([LATER, "update app.jobs set attempts = 1"], "backoff"),
        ([LATER, "update app.jobs set attempts = 1, unavailable_since = now()"], "gateway"),
        ([LATER, PAUSE], "paused"),
        ([RUNNING, LIMIT], "limited"),
        ([RUNNING, LIMIT_PER_KEY], "limited"),
        ([RUNNING, "update app.jobs set concurrency_key = null where state = 'pending'", LIMIT_PER_KEY], "due"),
    ],
)
def test_a_pending_job_has_a_reason_why_it_waits(
    sessions: sessionmaker[Session], statements: list[str], reason: str
) -> None:
    job_id = add(sessions)
    for statement in statements:
        do(sessions, statement)
    assert view(sessions, job_id).waits_for == reason


def test_a_job_that_runs_or_is_finished_does_not_wait(sessions: sessionmaker[Session]) -> None:
    job_id = add(sessions)
    (batch,) = claim_all(sessions)
    assert view(sessions, job_id).waits_for is None
    with sessions.begin() as session:
        work.complete(session, batch, {job_id: None})
    shown = view(sessions, job_id)
    assert (shown.waits_for, shown.attempts) == (None, 1)
