"""Each failed attempt is one line of the log, and each dead job an error."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session, sessionmaker
from structlog.testing import capture_logs

from core.jobs import work
from core.jobs.batch import Batch
from core.jobs.enqueue import enqueue
from core.jobs.rescue import requeue_lost, rescue
from core.messages import SendMail
from tests.support.jobs import claim_all, do, job


def claimed(sessions: sessionmaker[Session], max_attempts: int = 20) -> Batch:
    with sessions.begin() as session:
        enqueue(session, SendMail(mail_id=uuid4()))
    do(sessions, "update app.jobs set max_attempts = :most", most=max_attempts)
    (batch,) = claim_all(sessions)
    return batch


@pytest.mark.parametrize(
    ("max_attempts", "event", "level"), [(20, "attempt failed", "warning"), (1, "job dead", "error")]
)
def test_a_failed_attempt_is_one_line(
    sessions: sessionmaker[Session], max_attempts: int, event: str, level: str
) -> None:
    batch = claimed(sessions, max_attempts)
    with capture_logs() as lines, sessions.begin() as session:
        work.fail(session, batch, "ValueError: no", jitter=0.0)
    assert lines == [
        {
            "event": event,
            "log_level": level,
            "job": str(batch.job_ids[0]),
            "kind": "mail.send",
            "queue": "mail",
            "cause": None,
            "attempt": 1,
            "error": "ValueError: no",
        }
    ]


def test_a_late_failure_of_a_lost_lease_is_no_line(sessions: sessionmaker[Session]) -> None:
    batch = claimed(sessions)
    do(sessions, "update app.jobs set lease_version = lease_version + 1")
    with capture_logs() as lines, sessions.begin() as session:
        work.fail(session, batch, "no", jitter=0.0)
    assert lines == []


@pytest.mark.parametrize(("waited", "event"), [(timedelta(), "job postponed"), (timedelta(days=4), "job dead")])
def test_a_postponed_job_is_a_line_and_an_error_when_given_up(
    sessions: sessionmaker[Session], waited: timedelta, event: str
) -> None:
    batch = claimed(sessions)
    do(sessions, "update app.jobs set unavailable_since = now() - cast(:waited as interval)", waited=waited)
    with capture_logs() as lines, sessions.begin() as session:
        work.postpone(session, batch, "down", jitter=0.0, after=None, give_up_after=timedelta(days=3))
    assert [(line["event"], line["attempt"], line["error"]) for line in lines] == [(event, 0, "down")]


def test_a_job_whose_lease_ran_out_is_a_line(sessions: sessionmaker[Session]) -> None:
    batch = claimed(sessions)
    do(sessions, "update app.jobs set lease_until = now() - interval '1 second'")
    with capture_logs() as lines, sessions.begin() as session:
        rescue(session, {})
    (line,) = lines
    assert (line["event"], line["job"]) == ("attempt failed", str(batch.job_ids[0]))
    assert line["error"] == job(sessions, batch.job_ids[0]).last_error


def test_a_job_whose_process_died_is_a_line(sessions: sessionmaker[Session]) -> None:
    batch = claimed(sessions)
    with capture_logs() as lines, sessions.begin() as session:
        requeue_lost(session, {}, batch, "WorkerLostError: signal 9")
    assert [(line["event"], line["error"]) for line in lines] == [("attempt failed", "WorkerLostError: signal 9")]
