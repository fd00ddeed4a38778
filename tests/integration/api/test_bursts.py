"""Many requests at once: those that hold a connection can always finish, and return it."""

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from threading import Event
from uuid import uuid4

import httpx
import pytest

from api import main
from core.settings import Settings
from tests.support.api_harness import ApiHarness, User, open_api
from tests.support.fake_gateway import FakeGateway
from tests.support.waiting import wait_until

AT_ONCE = 60
_NAME = {"display_name": "Renamed"}

Ask = Callable[[User], httpx.Response]


def reads(user: User) -> httpx.Response:
    return user.http.get("/me")


def changes(user: User) -> httpx.Response:
    return user.http.patch("/me", json=_NAME, headers={"Idempotency-Key": uuid4().hex})


@pytest.fixture
def narrow(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Generator[ApiHarness]:
    """An application where one request may hold a transaction, beside one connection for the checks."""
    monkeypatch.setattr(main, "API_POOL", 2)
    monkeypatch.setattr(main, "API_TRANSACTIONS", 1)
    with open_api(Settings(env="test", database_url=database_url)) as api:
        yield api


@pytest.mark.parametrize("ask", [reads, changes])
@pytest.mark.parametrize("name", ["api", "narrow"])
def test_a_burst_is_answered(request: pytest.FixtureRequest, name: str, ask: Ask) -> None:
    api: ApiHarness = request.getfixturevalue(name)
    users = [api.user() for _ in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(ask, users))
    assert {answer.status_code for answer in answers} == {HTTPStatus.OK}


def test_a_call_to_the_provider_holds_no_transaction(narrow: ApiHarness) -> None:
    asked, answered = Event(), Event()

    def wait() -> None:
        asked.set()
        assert answered.wait(20)

    narrow.use_gateway(FakeGateway(while_opening=wait))
    buyer = narrow.user()
    order = buyer.place_order(narrow.course())
    with ThreadPoolExecutor(1) as thread:
        opened = thread.submit(buyer.checkout, order["id"])
        try:
            wait_until(asked.is_set, "the provider was asked")
            assert narrow.visitor().get("/courses").status_code == HTTPStatus.OK
        finally:
            answered.set()
        assert opened.result().status_code == HTTPStatus.OK
