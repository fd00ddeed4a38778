"""An API that answers as a test says, and a client of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx

from client.api.client import ApiClient
from client.api.tokens import MemoryStore
from client.api.transport import Transport

Answer = httpx.Response | Exception
URL = "http://api.test"


def tokens(name: str) -> httpx.Response:
    """The answer to a login or a refresh."""
    return httpx.Response(
        200, json={"access_token": f"access-{name}", "refresh_token": f"refresh-{name}", "expires_in": 900}
    )


def refusal(status: int, code: str, **members: object) -> httpx.Response:
    """A problem document."""
    headers = {"Retry-After": str(members.pop("retry_after"))} if "retry_after" in members else {}
    body = {"type": f"/problems/{code}", "title": "No.", "detail": "Not now.", "status": status, "code": code}
    return httpx.Response(status, json=body | members, headers=headers)


@dataclass(slots=True)
class FakeApi:
    """Gives its answers one after the other, and keeps the requests."""

    answers: list[Answer]
    requests: list[httpx.Request] = field(default_factory=list[httpx.Request])
    slept: list[float] = field(default_factory=list[float])
    ended: list[bool] = field(default_factory=list[bool])

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self) -> ApiClient:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self))

        async def sleep(seconds: float) -> None:
            self.slept.append(seconds)

        return ApiClient(Transport(http, URL, sleep=sleep), on_session_end=lambda: self.ended.append(True))

    def headers(self, name: str) -> list[str | None]:
        """The values of a header, one for each request."""
        return [request.headers.get(name) for request in self.requests]

    def paths(self) -> list[str]:
        return [request.url.path for request in self.requests]


def answering(*answers: Answer) -> FakeApi:
    return FakeApi(list(answers))


async def signed_in(api: FakeApi) -> tuple[ApiClient, MemoryStore]:
    """A client with the tokens `first`; the API's answers then follow."""
    api.answers.insert(0, tokens("first"))
    client, store = api.client(), MemoryStore()
    await client.sign_in("kim@aula.example", "a password", "", store)
    return client, store


def event_lines(*events: tuple[str, str, str]) -> Sequence[str]:
    return [f"id: {one}\nevent: {name}\ndata: {data}\n\n" for one, name, data in events]
