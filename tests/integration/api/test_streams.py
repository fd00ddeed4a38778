"""Event streams: orders, tickets for browsers, resuming, and limits."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api import streams
from db.models import Enrollment, LoginSession, OrderItem
from scripts.local.instances import ROOT
from scripts.local.ports import free_port
from tests.support.api_harness import ApiHarness, User
from tests.support.problems import assert_invalid, assert_problem
from tests.support.waiting import wait_until


@pytest.fixture
def buyer(api: ApiHarness) -> User:
    return api.user()


@pytest.fixture
def order_id(api: ApiHarness, buyer: User) -> str:
    return str(buyer.place_order(api.course())["id"])


def events(answer: httpx.Response) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Name, id and data of each event."""
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        field, _, value = line.partition(": ")
        fields[field] = value
        if field == "data":
            yield fields["event"], fields["id"], json.loads(value)


def ticket_for(user: User, path: str) -> str:
    answer = user.http.post("/streams/tickets", json={"path": path})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["ticket"])


def give_access(api: ApiHarness, buyer: User, order_id: str) -> None:
    with api.sessions.begin() as session:
        item = session.query(OrderItem).filter_by(order_id=order_id).one()
        item_id, course_id = item.id, item.course_id
    assert course_id
    api.add(Enrollment(profile_id=buyer.id, course_id=course_id, order_item_id=item_id, purchase_number=1))


def test_an_order_is_followed_until_its_items_are_given(api: ApiHarness, buyer: User, order_id: str) -> None:
    with buyer.http.stream("GET", f"/orders/{order_id}/events") as answer:
        assert answer.headers["cache-control"] == "no-store"
        found = events(answer)
        name, _, data = next(found)
        assert (name, data["state"]) == ("order", "pending")
        api.set_order(order_id, state="paid", paid_at=api.clock())
        assert next(found)[2]["state"] == "paid"
        api.set_order(order_id, state="fulfilled", fulfilled_at=api.clock())
        name, _, data = next(found)
        assert (name, data["items"][0]["entitlement"]) == ("order", "none")
        give_access(api, buyer, order_id)
        name, _, data = next(found)
        assert (name, data["items"][0]["entitlement"]) == ("finished", "enrolled")
        assert list(found) == []


def test_a_client_that_comes_back_gets_what_it_missed_and_nothing_twice(
    api: ApiHarness, buyer: User, order_id: str
) -> None:
    path = f"/orders/{order_id}/events"
    with buyer.http.stream("GET", path) as answer:
        _, seen, _ = next(events(answer))
    with buyer.http.stream("GET", path, headers={"Last-Event-ID": seen}) as answer:
        found = events(answer)
        api.set_order(order_id, state="cancelled")
        name, last, data = next(found)
        assert (name, data["state"]) == ("finished", "cancelled")
    assert buyer.http.get(path, headers={"Last-Event-ID": last}).status_code == 204
    assert "cancelled" in buyer.http.get(path, headers={"Last-Event-ID": seen}).text


def test_a_ticket_opens_its_stream_without_a_header(api: ApiHarness, buyer: User, order_id: str) -> None:
    api.set_order(order_id, state="cancelled")
    issued = buyer.http.post("/streams/tickets", json={"path": f"/orders/{order_id}/events"}).json()
    [(name, _, data)] = events(api.visitor().get(issued["url"]))
    assert (name, data["id"]) == ("finished", order_id)


def test_a_ticket_is_of_no_other_use(api: ApiHarness, buyer: User, order_id: str) -> None:
    other = str(buyer.place_order(api.course())["id"])
    ticket = ticket_for(buyer, f"/orders/{order_id}/events")
    visitor = api.visitor()
    refused = visitor.get(f"/orders/{other}/events", params={"ticket": ticket})
    assert_problem(refused, 401, "ticket_refused")
    assert_problem(visitor.get(f"/orders/{order_id}/events", params={"ticket": "x"}), 401, "ticket_refused")
    bearer = {"Authorization": f"Bearer {ticket}"}
    assert_problem(visitor.get(f"/orders/{order_id}", headers=bearer), 401, "unauthorized")


def test_a_ticket_ends_after_a_minute_and_with_its_session(api: ApiHarness, buyer: User, order_id: str) -> None:
    path = f"/orders/{order_id}/events"
    ticket = ticket_for(buyer, path)
    api.clock.ahead += timedelta(seconds=61)
    assert_problem(api.visitor().get(path, params={"ticket": ticket}), 401, "ticket_refused")
    ticket = ticket_for(buyer, path)
    with api.sessions.begin() as session:
        session.query(LoginSession).filter_by(profile_id=buyer.id).update({"ended_at": api.clock()})
    assert_problem(api.visitor().get(path, params={"ticket": ticket}), 401, "session_ended")


def test_a_ticket_is_refused_for_what_the_caller_cannot_see(api: ApiHarness, buyer: User, order_id: str) -> None:
    stranger = api.user()
    answer = stranger.http.post("/streams/tickets", json={"path": f"/orders/{order_id}/events"})
    assert_problem(answer, 404, "not_found")
    for path in ("/me", f"/orders/{order_id}", f"/orders/{order_id}/events?x=1", "https://elsewhere.example/events"):
        assert_invalid(buyer.http.post("/streams/tickets", json={"path": path}), "path", "/orders/{id}/events")


def test_the_log_has_no_ticket(api: ApiHarness, buyer: User, order_id: str, capfd: pytest.CaptureFixture[str]) -> None:
    api.set_order(order_id, state="cancelled")
    ticket = ticket_for(buyer, f"/orders/{order_id}/events")
    assert api.visitor().get(f"/orders/{order_id}/events", params={"ticket": ticket}).status_code == 200
    written: list[str] = []

    def is_logged() -> bool:
        written.extend(capfd.readouterr())
        return f"/orders/{order_id}/events" in "".join(written)

    wait_until(is_logged, "the request is logged")
    assert ticket not in "".join(written)


def test_a_person_may_have_ten_streams(buyer: User, order_id: str) -> None:
    path = f"/orders/{order_id}/events"
    with ExitStack() as stack:
        # A generator that is dropped closes its stream.
        open_streams = [
            events(stack.enter_context(buyer.http.stream("GET", path))) for _ in range(streams.MAX_OF_PERSON)
        ]
        assert {next(one)[0] for one in open_streams} == {"order"}
        refused = buyer.http.get(path)
        assert_problem(refused, 429, "too_many_streams")
        assert refused.headers["retry-after"] == "10"
    wait_until(lambda: _opens(buyer, path), "a stream that was closed makes room")


def test_a_process_serves_no_more_streams_than_it_may(
    buyer: User, order_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MAX_STREAMS", 0)
    refused = buyer.http.get(f"/orders/{order_id}/events")
    assert_problem(refused, 503, "streams_full")


def test_a_process_that_is_told_to_end_ends_its_streams_and_itself(
    buyer: User, order_id: str, database_url: str
) -> None:
    port = free_port()
    env = {**os.environ, "AULA_ENV": "test", "AULA_DATABASE_URL": database_url}
    command = [sys.executable, "-m", "api", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own module
    try:
        address = f"http://127.0.0.1:{port}/orders/{order_id}/events"
        wait_until(lambda: _answers(port), "the process serves")
        headers = {"Authorization": buyer.http.headers["authorization"]}
        with httpx.stream("GET", address, headers=headers, trust_env=False, timeout=30) as answer:
            lines = answer.iter_lines()
            assert any(line.startswith("data: ") for line in lines)
            process.send_signal(signal.SIGTERM)
            assert ": the server restarts" in list(lines)
        assert process.wait(10) in {0, -signal.SIGTERM}
    finally:
        process.kill()
        process.wait()


def test_an_unknown_order_has_no_stream(buyer: User) -> None:
    assert_problem(buyer.http.get(f"/orders/{uuid4()}/events"), 404, "not_found")


def _opens(user: User, path: str) -> bool:
    with user.http.stream("GET", path) as answer:
        return answer.status_code == 200


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
