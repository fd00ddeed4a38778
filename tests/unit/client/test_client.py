"""The API client, against an API that answers as the test says."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar
from uuid import UUID

import httpx
import pytest

from client.api.client import ApiClient
from client.api.problems import NO_ANSWER, UNREADABLE, ApiProblem, NoAnswer, SessionEnded
from client.api.tokens import MemoryStore
from client.api.transport import Transport
from client.operations import accounts, courses, orders
from tests.unit.client.scene import URL, answering, refusal, signed_in, tokens

COURSE = UUID("01990000-0000-7000-8000-000000000001")
NEW_ORDER = orders.NewOrder(items=[orders.NewItem(course_id=COURSE)])
ORDER: dict[str, Any] = {
    "id": "01990000-0000-7000-8000-000000000002",
    "state": "pending",
    "situation": "payable",
    "total_amount": 59500,
    "refunded_amount": 0,
    "currency": "SEK",
    "items": [],
    "payment_state": None,
    "job": None,
    "created_at": "2026-11-25T18:00:00Z",
    "expires_at": "2026-11-25T19:00:00Z",
    "paid_at": None,
    "fulfilled_at": None,
}
PLACED = httpx.Response(201, json=ORDER)
T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def refused(work: Coroutine[Any, Any, object]) -> ApiProblem:
    with pytest.raises(ApiProblem) as caught:
        run(work)
    return caught.value


def test_an_answer_is_typed_and_unset_fields_are_not_sent() -> None:
    api = answering(PLACED)
    order = run(api.client().call(orders.PLACE, NEW_ORDER))
    assert order.total_amount == 59500
    assert api.requests[0].read() == b'{"items":[{"course_id":"01990000-0000-7000-8000-000000000001"}]}'


def test_an_answer_of_a_newer_api_is_a_problem_and_no_crash() -> None:
    assert refused(answering(httpx.Response(201, json={"id": 1})).client().call(orders.PLACE, NEW_ORDER)).code == (
        UNREADABLE
    )


def test_a_lost_answer_to_an_order_is_asked_for_again_under_the_same_key() -> None:
    api = answering(httpx.ReadTimeout("slow"), refusal(503, "unavailable"), PLACED)
    assert run(api.client().call(orders.PLACE, NEW_ORDER)).id == UUID(ORDER["id"])
    assert len(set(api.headers("Idempotency-Key"))) == 1
    assert len(api.slept) == 2


def test_the_caller_may_choose_the_key() -> None:
    api = answering(PLACED)
    run(api.client().call(orders.PLACE, NEW_ORDER, key="own"))
    assert api.headers("Idempotency-Key") == ["own"]


def test_a_request_that_still_runs_is_waited_for() -> None:
    api = answering(refusal(409, "idempotency_key_in_flight", retry_after=2), PLACED)
    run(api.client().call(orders.PLACE, NEW_ORDER))
    assert api.slept == [2.0]


def test_a_login_is_not_sent_twice_when_its_answer_is_lost() -> None:
    api = answering(httpx.ReadTimeout("slow"))
    assert refused(api.client().sign_in("kim@aula.example", "p", "", MemoryStore())).code == NO_ANSWER
    assert len(api.requests) == 1


def test_a_login_is_sent_again_when_no_connection_was_made() -> None:
    api = answering(httpx.ConnectError("refused"), tokens("a"))
    run(api.client().sign_in("kim@aula.example", "p", "", MemoryStore()))
    assert len(api.requests) == 2


def test_a_server_that_is_away_ends_in_no_answer() -> None:
    api = answering(*[httpx.ConnectError("refused")] * 4)
    assert isinstance(refused(api.client().call(courses.LIST)), NoAnswer)
    assert api.slept == sorted(api.slept)


def test_a_long_wait_is_told_and_not_waited_for() -> None:
    api = answering(refusal(503, "payment_provider_busy", retry_after=60))
    assert refused(api.client().call(orders.PLACE, NEW_ORDER)).retry_after == 60
    assert api.slept == []


def test_a_problem_has_its_code_fields_and_members() -> None:
    wrong = refusal(
        422, "input_invalid", errors=[{"field": "items.0.quantity", "location": "body", "detail": "At most 20."}]
    )
    problem = refused(answering(wrong).client().call(orders.PLACE, NEW_ORDER))
    assert (problem.code, problem.status, problem.message_of("items")) == ("input_invalid", 422, "At most 20.")
    assert problem.message_of("title") is None


def test_an_answer_without_a_problem_document_is_unreadable() -> None:
    problem = refused(answering(httpx.Response(404, text="<html>")).client().call(courses.LIST))
    assert (problem.code, problem.status) == (UNREADABLE, 404)


def test_an_expired_access_token_is_renewed_in_the_middle_of_an_action() -> None:
    async def scene() -> None:
        api = answering(refusal(401, "unauthorized"), tokens("second"), PLACED)
        client, store = await signed_in(api)
        await client.call(orders.PLACE, NEW_ORDER)
        assert api.paths() == ["/auth/login", "/orders", "/auth/refresh", "/orders"]
        assert api.headers("Authorization")[-1] == "Bearer access-second"
        assert api.headers("Idempotency-Key")[1] == api.headers("Idempotency-Key")[3]
        assert await store.load() == "refresh-second"

    run(scene())


def test_two_calls_share_one_renewal() -> None:
    renewed: list[str] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        # The other call goes on, as it does while a real server answers.
        await asyncio.sleep(0)
        if request.url.path == "/auth/refresh":
            renewed.append(request.url.path)
            return tokens("second")
        if request.url.path == "/auth/login":
            return tokens("first")
        return PLACED if request.headers["Authorization"].endswith("second") else refusal(401, "unauthorized")

    async def scene() -> None:
        client = ApiClient(Transport(httpx.AsyncClient(transport=httpx.MockTransport(answer)), URL))
        await client.sign_in("kim@aula.example", "p", "", MemoryStore())
        await asyncio.gather(*(client.call(orders.PLACE, NEW_ORDER) for _ in range(2)))

    run(scene())
    assert len(renewed) == 1


def test_an_ended_session_signs_out_and_is_told() -> None:
    async def scene() -> None:
        api = answering(refusal(401, "session_ended"), refusal(401, "refresh_token_refused"))
        client, store = await signed_in(api)
        with pytest.raises(SessionEnded):
            await client.call(accounts.ME_GET)
        assert (await store.load(), client.access_token, api.ended) == (None, None, [True])

    run(scene())


def test_a_server_that_is_away_during_a_renewal_keeps_the_session() -> None:
    async def scene() -> None:
        api = answering(refusal(401, "unauthorized"), httpx.ReadTimeout("slow"))
        client, store = await signed_in(api)
        with pytest.raises(NoAnswer):
            await client.call(accounts.ME_GET)
        assert (await store.load(), api.ended) == ("refresh-first", [])

    run(scene())


def test_a_token_that_another_tab_exchanged_is_taken_from_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("client.api.client._RACE_S", 0.0)

    loads = iter(["refresh-old", "refresh-old", "refresh-other"])

    class Shared(MemoryStore):
        async def load(self) -> str | None:
            return next(loads)

    async def scene() -> None:
        api = answering(refusal(409, "refresh_token_raced"), tokens("mine"))
        assert await api.client().resume(Shared()) is True
        assert [b"refresh-other" in one.read() for one in api.requests] == [False, True]

    run(scene())


def test_a_kept_token_signs_in_and_a_refused_one_is_forgotten() -> None:
    async def scene() -> None:
        store = MemoryStore()
        assert await answering().client().resume(store) is False
        await store.save("kept")
        assert await answering(tokens("new")).client().resume(store) is True
        assert await store.load() == "refresh-new"
        assert await answering(refusal(401, "refresh_token_refused")).client().resume(store) is False
        assert await store.load() is None

    run(scene())


def test_signing_out_forgets_the_token_even_if_the_server_is_away() -> None:
    async def scene() -> None:
        api = answering(*[httpx.ConnectError("refused")] * 4)
        client, store = await signed_in(api)
        await client.sign_out()
        assert (await store.load(), client.access_token) == (None, None)
        assert api.paths()[-1] == "/auth/logout"

    run(scene())


def test_a_wrong_password_while_signed_in_is_no_expired_token() -> None:
    async def scene() -> None:
        api = answering(refusal(401, "login_refused"))
        client, store = await signed_in(api)
        with pytest.raises(ApiProblem) as caught:
            await client.sign_in("kim@aula.example", "wrong", "", store)
        assert caught.value.code == "login_refused"
        assert "/auth/refresh" not in api.paths()

    run(scene())
