"""Read a job, and follow it as an event stream."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update

from db.models import Job, LoginSession
from tests.support.api_harness import ApiHarness, User
from tests.support.events import read_events
from tests.support.problems import assert_problem

_SECRET = "psycopg: password=hunter2"


@pytest.fixture
def owner(api: ApiHarness) -> User:
    return api.user()


@pytest.fixture
def job(api: ApiHarness, owner: User) -> Job:
    return api.add(Job(kind="orders.fulfil", profile_id=owner.id, payload={"v": 1, "order_id": "x"}))


def _set(api: ApiHarness, job_id: UUID, **values: object) -> None:
    with api.sessions.begin() as session:
        row = session.get_one(Job, job_id)
        for name, value in values.items():
            setattr(row, name, value)


def _events(answer: httpx.Response) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((event.name, event.data) for event in read_events(answer))


def test_a_job_shows_its_progress(api: ApiHarness, owner: User, job: Job) -> None:
    _set(api, job.id, progress={"done": 1, "of": 2}, lease_version=2, attempts=1)
    shown = owner.http.get(f"/jobs/{job.id}").json()
    assert (shown["kind"], shown["state"], shown["attempts"], shown["max_attempts"]) == (
        "orders.fulfil",
        "pending",
        1,
        20,
    )
    assert shown["progress"] == {"done": 1, "of": 2}
    assert (shown["result"], shown["last_error"], shown["finished_at"]) == (None, None, None)
    assert shown["waits_for"] == "due"
    assert "payload" not in shown


def test_the_error_of_an_attempt_is_shown_to_operators_only(api: ApiHarness, owner: User, job: Job) -> None:
    _set(api, job.id, last_error=_SECRET, attempts=1)
    shown = owner.http.get(f"/jobs/{job.id}")
    assert shown.json()["last_error"] == "An attempt failed; operators can see why."
    assert _SECRET not in shown.text
    assert api.user("admin").http.get(f"/jobs/{job.id}").json()["last_error"] == _SECRET


def test_a_job_of_another_user_or_of_no_user_is_not_found(api: ApiHarness, owner: User, job: Job) -> None:
    system_job = api.add(Job(kind="audit.seal"))
    assert_problem(api.user().http.get(f"/jobs/{job.id}"), 404, "not_found")
    assert_problem(api.user().http.get(f"/jobs/{job.id}/events"), 404, "not_found")
    assert_problem(owner.http.get(f"/jobs/{system_job.id}"), 404, "not_found")


def test_the_stream_sends_each_change_and_ends_with_the_job(api: ApiHarness, owner: User, job: Job) -> None:
    with owner.http.stream("GET", f"/jobs/{job.id}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = _events(answer)
        assert next(events) == ("job", owner.http.get(f"/jobs/{job.id}").json())
        _set(api, job.id, progress={"done": 1})
        name, shown = next(events)
        assert (name, shown["progress"]) == ("job", {"done": 1})
        _set(api, job.id, state="succeeded", finished_at=api.clock(), result={"ok": True}, progress=None)
        name, shown = next(events)
        assert (name, shown["state"], shown["result"]) == ("finished", "succeeded", {"ok": True})
        assert list(events) == []


def test_the_stream_of_a_finished_job_sends_one_event_and_ends(api: ApiHarness, owner: User, job: Job) -> None:
    _set(api, job.id, state="dead", finished_at=api.clock(), last_error=_SECRET)
    answer = owner.http.get(f"/jobs/{job.id}/events")
    [(name, shown)] = _events(answer)
    assert (name, shown["state"]) == ("finished", "dead")
    assert _SECRET not in answer.text


def test_the_stream_ends_when_its_job_is_pruned(api: ApiHarness, owner: User, job: Job) -> None:
    with owner.http.stream("GET", f"/jobs/{job.id}/events") as answer:
        events = _events(answer)
        next(events)
        with api.sessions.begin() as session:
            session.delete(session.get_one(Job, job.id))
        assert list(events) == []


def test_many_streams_share_one_database_connection(api: ApiHarness, owner: User, job: Job) -> None:
    readers = [owner, api.user("admin"), api.user("admin")]
    with ExitStack() as stack:
        answers = [
            stack.enter_context(readers[number % 3].http.stream("GET", f"/jobs/{job.id}/events"))
            for number in range(21)
        ]
        assert {answer.status_code for answer in answers} == {200}
        _set(api, job.id, state="succeeded", finished_at=api.clock())
        for answer in answers:
            assert [name for name, _ in _events(answer)] == ["job", "finished"]


def test_a_stream_ends_when_its_session_has_ended(api: ApiHarness, owner: User, job: Job) -> None:
    with owner.http.stream("GET", f"/jobs/{job.id}/events") as answer:
        events = _events(answer)
        assert next(events)[0] == "job"
        assert owner.http.delete("/me/sessions").status_code == 204
        with api.sessions.begin() as session:
            session.execute(
                update(LoginSession).where(LoginSession.profile_id == owner.id).values(ended_at=api.clock())
            )
        assert list(events) == []
