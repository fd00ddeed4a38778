"""One request to the API: sent, repeated where that is safe, and answered or refused."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

import httpx

from client.api.problems import ApiProblem, NoAnswer, problem_of

# Seconds. Connecting is quick even on a slow network; an answer may take longer.
TIMEOUT: Final = httpx.Timeout(20.0, connect=6.0)
# Seconds before each repetition.
_PAUSES: Final = (0.4, 1.2, 3.0)
# A longer wait is told to the person instead.
_LONGEST_WAIT: Final = 5.0
_BAD_GATEWAY: Final = (502, 503, 504)
_IN_FLIGHT: Final = "idempotency_key_in_flight"

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Request:
    """A request. One that is `safe` may be sent twice: it reads, or has an idempotency key."""

    method: str
    path: str
    body: dict[str, object] | None = None
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    safe: bool = False


def new_key() -> str:
    """An idempotency key."""
    return str(uuid4())


class Transport:
    """Sends requests to one API. `headers` go with each of them."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        url: str,
        headers: Mapping[str, str] | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.http = http
        self.url = url
        self.headers = {"Accept": "application/json", **(headers or {})}
        self._sleep = sleep

    async def send(self, request: Request) -> httpx.Response:
        """The answer to a request.

        Raises:
            NoAnswer: the server was not reached.
            ApiProblem: it refused.
        """
        for pause in _PAUSES:
            try:
                return await self._once(request)
            except ApiProblem as problem:
                wait = _wait(problem, request, pause)
                if wait is None:
                    raise
                await self._sleep(wait)
        return await self._once(request)

    async def _once(self, request: Request) -> httpx.Response:
        try:
            answer = await self.http.request(
                request.method,
                f"{self.url}{request.path}",
                json=request.body,
                params=dict(request.query),
                headers={**self.headers, **request.headers},
                timeout=TIMEOUT,
            )
        except httpx.ConnectError as error:
            # Nothing was sent, so that any request may be repeated.
            raise _NotSent from error
        except httpx.TransportError as error:
            raise NoAnswer from error
        if not answer.is_success:
            raise problem_of(answer)
        return answer


class _NotSent(NoAnswer):
    """No connection was made."""


def _wait(problem: ApiProblem, request: Request, pause: float) -> float | None:
    """Seconds until the request is sent again; None: never."""
    if problem.code == _IN_FLIGHT:
        return max(problem.retry_after, pause)
    repeatable = isinstance(problem, NoAnswer) or problem.status in _BAD_GATEWAY
    if not repeatable or not (request.safe or isinstance(problem, _NotSent)):
        return None
    wait = max(problem.retry_after, pause)
    return wait if wait <= _LONGEST_WAIT else None
