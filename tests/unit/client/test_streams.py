"""An order that is followed, over connections that break."""

import asyncio
import json
from uuid import UUID

import httpx
import pytest

from client.api.problems import ApiProblem
from client.api.streams import follow_order
from tests.unit.client.scene import Answer, FakeApi, answering, event_lines, refusal, signed_in, tokens
from tests.unit.client.test_client import ORDER


def stream(*events: tuple[str, str, str]) -> httpx.Response:
    text = "retry: 2000\n\n: still here\n\n" + "".join(event_lines(*events))
    return httpx.Response(200, text=text, headers={"Content-Type": "text/event-stream"})


def order(state: str) -> str:
    return json.dumps({**ORDER, "state": state})


async def followed(*answers: Answer) -> tuple[list[str], FakeApi]:
    api = answering(*answers)
    client, _ = await signed_in(api)
    return [one.state async for one in follow_order(client, _id())], api


def _id() -> UUID:
    return UUID(ORDER["id"])


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("client.api.streams._PAUSE", 0.0)


def test_each_state_comes_until_the_order_is_finished() -> None:
    states, _ = asyncio.run(followed(stream(("1", "order", order("pending")), ("2", "finished", order("fulfilled")))))
    assert states == ["pending", "fulfilled"]


def test_a_broken_connection_goes_on_after_the_last_state() -> None:
    answers = (
        stream(("1", "order", order("pending"))),
        httpx.ConnectError("away"),
        refusal(503, "streams_full"),
        stream(("2", "finished", order("fulfilled"))),
    )
    states, api = asyncio.run(followed(*answers))
    assert states == ["pending", "fulfilled"]
    assert api.headers("Last-Event-ID")[-1] == "1"


def test_a_known_end_is_not_told_again() -> None:
    states, _ = asyncio.run(followed(stream(("1", "order", order("paid"))), httpx.Response(204)))
    assert states == ["paid"]


def test_an_expired_token_is_renewed_for_the_stream() -> None:
    states, api = asyncio.run(
        followed(refusal(401, "unauthorized"), tokens("second"), stream(("1", "finished", order("fulfilled"))))
    )
    assert states == ["fulfilled"]
    assert api.headers("Authorization")[-1] == "Bearer access-second"


def test_an_order_of_somebody_else_is_refused() -> None:
    with pytest.raises(ApiProblem, match="Not now"):
        asyncio.run(followed(refusal(404, "not_found")))
