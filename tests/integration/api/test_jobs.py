"""Following a job: at once, and as a stream."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from db.models import Job
from tests.integration.answers import problem
from tests.integration.orders.shop import Person, Shop

_SECRET = "psycopg: password=hunter2"


@pytest.fixture
def owner(shop: Shop) -> Person:
    return shop.person()


@pytest.fixture
def job(shop: Shop, owner: Person) -> Job:
    return shop.add(Job(kind="orders.fulfil", profile_id=owner.id, payload={"v": 1, "order_id": "x"}))


def _set(shop: Shop, job_id: UUID, **values: object) -> None:
    with shop.sessions.begin() as session:
        row = session.get_one(Job, job_id)
        for name, value in values.items():
            setattr(row, name, value)


def _events(answer: httpx.Response) -> Iterator[tuple[str, dict[str, Any]]]:
    name = ""
    for line in answer.iter_lines():
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


def test_a_job_tells_how_far_it_is(shop: Shop, owner: Person, job: Job) -> None:
    _set(shop, job.id, progress={"done": 1, "of": 2}, lease_version=2, attempts=1)
    told = owner.http.get(f"/jobs/{job.id}").json()
    assert (told["kind"], told["state"], told["attempts"], told["max_attempts"]) == ("orders.fulfil", "pending", 1, 20)
    assert told["progress"] == {"done": 1, "of": 2}
    assert (told["result"], told["last_error"], told["finished_at"]) == (None, None, None)
    assert "payload" not in told


def test_why_an_attempt_failed_is_for_operators(shop: Shop, owner: Person, job: Job) -> None:
    _set(shop, job.id, last_error=_SECRET, attempts=1)
    told = owner.http.get(f"/jobs/{job.id}")
    assert told.json()["last_error"] == "An attempt failed; operators can see why."
    assert _SECRET not in told.text
    assert shop.person("admin").http.get(f"/jobs/{job.id}").json()["last_error"] == _SECRET


def test_a_strangers_job_and_one_of_nobody_are_not_found(shop: Shop, owner: Person, job: Job) -> None:
    house = shop.add(Job(kind="audit.seal"))
    problem(shop.person().http.get(f"/jobs/{job.id}"), 404, "not_found")
    problem(shop.person().http.get(f"/jobs/{job.id}/events"), 404, "not_found")
    problem(owner.http.get(f"/jobs/{house.id}"), 404, "not_found")


def test_the_stream_tells_each_change_and_ends_with_the_job(shop: Shop, owner: Person, job: Job) -> None:
    with owner.http.stream("GET", f"/jobs/{job.id}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = _events(answer)
        assert next(events) == ("job", owner.http.get(f"/jobs/{job.id}").json())
        _set(shop, job.id, progress={"done": 1})
        name, told = next(events)
        assert (name, told["progress"]) == ("job", {"done": 1})
        _set(shop, job.id, state="succeeded", finished_at=shop.clock(), result={"ok": True}, progress=None)
        name, told = next(events)
        assert (name, told["state"], told["result"]) == ("finished", "succeeded", {"ok": True})
        assert list(events) == []


def test_the_stream_of_a_finished_job_says_so_and_ends(shop: Shop, owner: Person, job: Job) -> None:
    _set(shop, job.id, state="dead", finished_at=shop.clock(), last_error=_SECRET)
    answer = owner.http.get(f"/jobs/{job.id}/events")
    [(name, told)] = _events(answer)
    assert (name, told["state"]) == ("finished", "dead")
    assert _SECRET not in answer.text


def test_a_stream_ends_when_its_job_is_pruned(shop: Shop, owner: Person, job: Job) -> None:
    with owner.http.stream("GET", f"/jobs/{job.id}/events") as answer:
        events = _events(answer)
        next(events)
        with shop.sessions.begin() as session:
            session.delete(session.get_one(Job, job.id))
        assert list(events) == []


def test_many_streams_share_few_connections(shop: Shop, owner: Person, job: Job) -> None:
    streams = [owner.http.stream("GET", f"/jobs/{job.id}/events") for _ in range(20)]
    answers = [stream.__enter__() for stream in streams]
    for answer in answers:
        assert answer.status_code == 200
    _set(shop, job.id, state="succeeded", finished_at=shop.clock())
    for answer, stream in zip(answers, streams, strict=True):
        assert [name for name, _ in _events(answer)] == ["job", "finished"]
        stream.__exit__(None, None, None)
