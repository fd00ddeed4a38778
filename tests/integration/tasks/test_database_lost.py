"""The database is lost while a batch runs: its jobs are put back as soon as it answers, not when their lease ends."""

import pytest
from celery.exceptions import Retry as CeleryRetry
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from core.jobs.enqueue import enqueue
from core.jobs.isolation import MAX_DEATHS
from db.engine import make_jobs_engine, make_sessions
from tasks import patience, runtime
from tests.support.jobs import claim_all, do, jobs, value
from tests.support.trials import tasks
from tests.support.trials.messages import Trial

UNREACHABLE = "postgresql://app@127.0.0.1:1/aula"

pytestmark = pytest.mark.usefixtures("in_process")


def add(sessions: sessionmaker[Session], *wanted: Trial) -> None:
    with sessions.begin() as session:
        enqueue(session, *wanted)


def test_a_batch_whose_connection_is_lost_runs_again_in_a_smaller_one(sessions: sessionmaker[Session]) -> None:
    add(sessions, Trial(act="disconnect"), *(Trial(number=number) for number in range(9)))
    (batch,) = claim_all(sessions)
    with pytest.raises(CeleryRetry, match="the database was lost"):
        tasks.run.run(batch.to_wire())
    assert {(one.state, one.isolated, one.batch_limit, one.attempts) for one in jobs(sessions)} == {
        ("pending", True, 8, 0)
    }
    assert value(sessions, "select count(*) from app.job_attempts") == 0


def test_a_job_that_ends_its_connection_each_time_is_dead_after_the_fifth(sessions: sessionmaker[Session]) -> None:
    add(sessions, Trial(act="disconnect"))
    for _ in range(MAX_DEATHS):
        do(sessions, "update app.jobs set isolated = true, run_at = now()")
        (batch,) = claim_all(sessions)
        with pytest.raises(CeleryRetry, match="the database was lost"):
            tasks.run.run(batch.to_wire())
    (row,) = jobs(sessions)
    assert (row.state, row.deaths) == ("dead", MAX_DEATHS)
    assert "AdminShutdown" in str(row.last_error)


def test_jobs_are_put_back_when_the_database_answers_again(
    sessions: sessionmaker[Session], in_process: pytest.MonkeyPatch
) -> None:
    add(sessions, Trial(number=1), Trial(number=2))
    (batch,) = claim_all(sessions)
    unreachable = make_sessions(make_jobs_engine(UNREACHABLE, 1))
    answers = iter([unreachable, unreachable, unreachable])
    in_process.setattr(runtime, "sessions", lambda: next(answers, sessions))
    in_process.setattr(patience, "ASK_AGAIN", 0.0)
    with pytest.raises(CeleryRetry, match="the database was lost"):
        tasks.run.run(batch.to_wire())
    assert {(one.state, one.isolated) for one in jobs(sessions)} == {("pending", True)}
    assert next(answers, None) is None


def test_jobs_are_left_to_their_lease_when_the_database_does_not_answer(
    sessions: sessionmaker[Session], in_process: pytest.MonkeyPatch
) -> None:
    add(sessions, Trial(number=1), Trial(number=2))
    (batch,) = claim_all(sessions)
    in_process.setattr(runtime, "sessions", lambda: make_sessions(make_jobs_engine(UNREACHABLE, 1)))
    config = runtime.config().model_copy(update={"lease_seconds": 0})
    in_process.setattr(runtime, "config", lambda: config)
    with pytest.raises(OperationalError):
        tasks.run.run(batch.to_wire())
    assert {one.state for one in jobs(sessions)} == {"dispatched"}
