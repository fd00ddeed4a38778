"""Follows an order by server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Final
from uuid import UUID

import httpx

from client.api.client import ApiClient
from client.api.problems import ApiProblem, NoAnswer, problem_of
from client.operations.orders import OrderOut

# Seconds. The server sends a comment every 15 s, so that a silent connection is a broken one.
_TIMEOUT: Final = httpx.Timeout(40.0, connect=6.0)
# Seconds before the stream is opened again.
_PAUSE: Final = 2.0
_NO_CONTENT, _UNAUTHORIZED, _SERVER_ERROR = 204, 401, 500


async def follow_order(api: ApiClient, order_id: UUID) -> AsyncGenerator[OrderOut]:
    """The order now and after each change, until it is finished. A broken connection is opened again.

    Raises:
        ApiProblem: the order may not be followed.
    """
    last_id: str | None = None
    while True:
        try:
            async for event in _events(api, order_id, last_id):
                last_id = event.id
                yield OrderOut.model_validate_json(event.data)
                if event.name == "finished":
                    return
        except _Finished:
            return
        except ApiProblem as problem:
            if not problem.may_have_happened:
                raise
        await asyncio.sleep(_PAUSE)


class _Finished(Exception):  # noqa: N818 - an outcome, not an error
    """The order is finished, and its last state is known."""


class _Event:
    """One event, read line by line."""

    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self.data = ""

    def read(self, line: str) -> None:
        """Take one line of the event."""
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match field:
            case "id":
                self.id = value
            case "event":
                self.name = value
            case "data":
                self.data += value
            case _:
                pass


async def _events(api: ApiClient, order_id: UUID, last_id: str | None) -> AsyncGenerator[_Event]:
    headers = {**api.transport.headers, "Accept": "text/event-stream"}
    headers |= {"Authorization": f"Bearer {api.access_token}"} if api.access_token else {}
    headers |= {"Last-Event-ID": last_id} if last_id else {}
    url = f"{api.transport.url}/orders/{order_id}/events"
    used = api.access_token
    try:
        async with api.transport.http.stream("GET", url, headers=headers, timeout=_TIMEOUT) as answer:
            if answer.status_code == _NO_CONTENT:
                raise _Finished
            if answer.status_code != _UNAUTHORIZED or used is None:
                await _check(answer)
                async for event in _read(answer):
                    yield event
                return
    except httpx.TransportError as error:
        raise NoAnswer from error
    await api.renew(used)


async def _check(answer: httpx.Response) -> None:
    if not answer.is_success:
        await answer.aread()
        raise problem_of(answer)


async def _read(answer: httpx.Response) -> AsyncGenerator[_Event]:
    event = _Event()
    async for line in answer.aiter_lines():
        if line:
            event.read(line)
            continue
        if event.data:
            yield event
        event = _Event()
