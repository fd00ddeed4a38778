"""Event streams of orders and jobs: tickets, resumption, limits and the one connection that watches."""

from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from api.streams import MAX_OF_PERSON
from core.accounts.tickets import LIFETIME
from core.identity import Identity, no_longer_valid
from core.settings import Settings
from db.models import Enrollment, LoginSession, Profile
from tests.support.api_harness import ApiHarness, User, open_api
from tests.support.events import Event, read_events
from tests.support.problems import assert_problem
from tests.support.waiting import wait_until

_APP = "https://app.aula.example"


@pytest.fixture
def buyer(api: ApiHarness) -> User:
    return api.user()


@pytest.fixture
def order(api: ApiHarness, buyer: User) -> dict[str, Any]:
    return buyer.place_order(api.course())


def _path(order: dict[str, Any]) -> str:
    return f"/orders/{order['id']}/events"


def _ticket(user: User, path: str) -> str:
    answer = user.http.post("/streams/tickets", json={"path": path})
    assert answer.status_code == 201, answer.text
    return answer.json()["ticket"]


def _fulfil(api: ApiHarness, buyer: User, order: dict[str, Any]) -> None:
    api.set_order(order["id"], state="fulfilled", paid_at=api.clock(), fulfilled_at=api.clock())
    [item] = order["items"]
    course = UUID(item["course_id"])
    api.add(Enrollment(profile_id=buyer.id, course_id=course, order_item_id=UUID(item["id"]), purchase_number=1))


def _rest(answer: httpx.Response, events: Iterator[Event]) -> list[Event]:
    """What still comes until the stream ends."""
    assert answer.status_code == 200
    return list(events)


def test_an_order_is_followed_until_its_buyer_has_the_course(
    api: ApiHarness, buyer: User, order: dict[str, Any]
) -> None:
    with buyer.http.stream("GET", _path(order)) as answer:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-accel-buffering"] == "no"
        events = read_events(answer)
        first = next(events)
        assert (first.name, first.data["state"], first.data["items"][0]["entitlement"]) == ("order", "pending", "none")
        api.set_order(order["id"], state="paid", paid_at=api.clock())
        assert next(events).data["state"] == "paid"
        # Fulfilled, but its access is still to come.
        api.set_order(order["id"], state="fulfilled", fulfilled_at=api.clock())
        fulfilled = next(events)
        assert (fulfilled.name, fulfilled.data["state"]) == ("order", "fulfilled")
        _fulfil(api, buyer, order)
        [last] = _rest(answer, events)
        assert (last.name, last.data["items"][0]["entitlement"]) == ("finished", "enrolled")
        assert last.id not in {first.id, fulfilled.id}


@pytest.mark.parametrize("state", ["cancelled", "expired", "refunded"])
def test_an_order_that_ends_without_goods_ends_its_stream(
    api: ApiHarness, buyer: User, order: dict[str, Any], state: str
) -> None:
    with buyer.http.stream("GET", _path(order)) as answer:
        events = read_events(answer)
        next(events)
        api.set_order(order["id"], state=state)
        assert [(event.name, event.data["state"]) for event in events] == [("finished", state)]


def test_a_client_that_returns_gets_what_it_missed_and_nothing_twice(
    api: ApiHarness, buyer: User, order: dict[str, Any]
) -> None:
    with buyer.http.stream("GET", _path(order)) as answer:
        seen = next(read_events(answer))
    api.set_order(order["id"], state="paid", paid_at=api.clock())
    with buyer.http.stream("GET", _path(order), headers={"Last-Event-ID": seen.id}) as answer:
        missed = next(read_events(answer))
    assert missed.data["state"] == "paid"
    with buyer.http.stream("GET", _path(order), headers={"Last-Event-ID": missed.id}) as answer:
        events = read_events(answer)
        _fulfil(api, buyer, order)
        assert [event.data["state"] for event in events][-1] == "fulfilled"


def test_a_client_with_the_final_state_is_told_to_stay_away(
    api: ApiHarness, buyer: User, order: dict[str, Any]
) -> None:
    api.set_order(order["id"], state="cancelled")
    [last] = read_events(buyer.http.get(_path(order)))
    again = buyer.http.get(_path(order), headers={"Last-Event-ID": last.id})
    assert (again.status_code, again.content) == (204, b"")


def test_a_ticket_opens_its_stream_without_a_header(api: ApiHarness, buyer: User, order: dict[str, Any]) -> None:
    with api.visitor().stream("GET", _path(order), params={"ticket": _ticket(buyer, _path(order))}) as answer:
        assert next(read_events(answer)).data["id"] == order["id"]


def test_a_ticket_is_of_no_use_elsewhere(api: ApiHarness, buyer: User, order: dict[str, Any]) -> None:
    ticket = _ticket(buyer, _path(order))
    other = buyer.place_order(api.course())
    visitor = api.visitor()
    assert_problem(visitor.get(_path(other), params={"ticket": ticket}), 401, "ticket_refused")
    assert_problem(visitor.get("/me", params={"ticket": ticket}), 401, "unauthorized")
    assert_problem(visitor.get("/me", headers={"Authorization": f"Bearer {ticket}"}), 401, "unauthorized")
    access_token = buyer.http.headers["authorization"].removeprefix("Bearer ")
    assert_problem(visitor.get(_path(order), params={"ticket": access_token}), 401, "ticket_refused")


def test_a_ticket_ends_after_a_minute(api: ApiHarness, buyer: User, order: dict[str, Any]) -> None:
    ticket = _ticket(buyer, _path(order))
    api.clock.ahead = LIFETIME + timedelta(seconds=1)
    try:
        assert_problem(api.visitor().get(_path(order), params={"ticket": ticket}), 401, "ticket_refused")
    finally:
        api.clock.ahead = timedelta()


def test_a_ticket_ends_with_its_session(api: ApiHarness, buyer: User, order: dict[str, Any]) -> None:
    ticket = _ticket(buyer, _path(order))
    _end_sessions(api, buyer)
    assert_problem(api.visitor().get(_path(order), params={"ticket": ticket}), 401, "session_ended")


@pytest.mark.parametrize("path", ["/me", "/orders/x/events", "/orders/{id}", "//evil.example/orders/{id}/events"])
def test_a_ticket_for_no_stream_is_refused(buyer: User, order: dict[str, Any], path: str) -> None:
    answer = buyer.http.post("/streams/tickets", json={"path": path.format(**order)})
    assert assert_problem(answer, 422, "input_invalid")["field"] == "path"


def test_the_log_has_no_ticket(
    api: ApiHarness, buyer: User, order: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    ticket = _ticket(buyer, _path(order))
    api.set_order(order["id"], state="cancelled")
    assert api.visitor().get(_path(order), params={"ticket": ticket}).status_code == 200
    assert api.visitor().get("/orders/x/events", params={"ticket": ticket}).status_code in {401, 422}
    written = "".join(capfd.readouterr())
    assert _path(order) in written
    assert ticket.rpartition(".")[2] not in written


def _end_sessions(api: ApiHarness, user: User) -> None:
    with api.sessions.begin() as session:
        session.execute(update(LoginSession).where(LoginSession.profile_id == user.id).values(ended_at=api.clock()))


def _erase(api: ApiHarness, user: User) -> None:
    with api.sessions.begin() as session:
        session.execute(update(Profile).where(Profile.id == user.id).values(erased_at=api.clock()))


@pytest.mark.parametrize("end", [_end_sessions, _erase])
def test_a_stream_ends_with_its_readers_session_or_account(
    api: ApiHarness, buyer: User, order: dict[str, Any], end: Callable[[ApiHarness, User], None]
) -> None:
    with buyer.http.stream("GET", _path(order)) as answer:
        events = read_events(answer)
        next(events)
        end(api, buyer)
        assert list(events) == []


def test_a_person_has_a_limited_number_of_streams(api: ApiHarness, buyer: User, order: dict[str, Any]) -> None:
    with ExitStack() as stack:
        for _ in range(MAX_OF_PERSON):
            assert stack.enter_context(buyer.http.stream("GET", _path(order))).status_code == 200
        refused = buyer.http.get(_path(order))
        assert_problem(refused, 429, "too_many_streams")
        assert refused.headers["retry-after"]
        with api.user("admin").http.stream("GET", _path(order)) as other:
            assert other.status_code == 200


def test_a_process_has_a_limited_number_of_streams(
    buyer: User, order: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.streams.MAX_STREAMS", 0)
    refused = buyer.http.get(_path(order))
    assert_problem(refused, 503, "streams_full")
    assert refused.headers["retry-after"]


def test_a_page_of_an_allowed_origin_can_follow(database_url: str) -> None:
    settings = Settings(env="test", database_url=database_url, allowed_origins=_APP)
    with open_api(settings) as opened:
        buyer = opened.user()
        order = buyer.place_order(opened.course())
        ticket = _ticket(buyer, _path(order))
        for origin, allowed in ((_APP, _APP), ("https://other.example", None)):
            headers = {"Origin": origin}
            with opened.visitor().stream("GET", _path(order), params={"ticket": ticket}, headers=headers) as answer:
                assert answer.headers.get("access-control-allow-origin") == allowed


def test_an_idle_stream_sends_comments(buyer: User, order: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.event_stream.HEARTBEAT", 0.05)
    with buyer.http.stream("GET", _path(order)) as answer:
        lines = answer.iter_lines()
        assert next(lines).startswith("retry: ")
        assert next(line for line in lines if line.startswith(":")) == ": still here"


def test_a_stream_ends_after_its_time(buyer: User, order: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.event_stream.MAX_SECONDS", 0.05)
    assert [event.name for event in read_events(buyer.http.get(_path(order)))] == ["order"]


@pytest.mark.parametrize("error", [RuntimeError("a bug"), OperationalError("select", {}, Exception("gone"))])
def test_the_watcher_goes_on_after_an_error(
    api: ApiHarness, buyer: User, order: dict[str, Any], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    failures = [error]

    def fail_once(session: Session, readers: Collection[Identity]) -> set[UUID]:
        if failures:
            raise failures.pop()
        return no_longer_valid(session, readers)

    monkeypatch.setattr("api.streams.no_longer_valid", fail_once)
    with buyer.http.stream("GET", _path(order)) as answer:
        events = read_events(answer)
        next(events)
        wait_until(lambda: not failures, "the watcher failed")
        api.set_order(order["id"], state="cancelled")
        assert [event.name for event in events] == ["finished"]
