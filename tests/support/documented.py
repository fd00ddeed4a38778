"""Checks that every problem an application answers is one that its OpenAPI document names for the operation."""

import json
from functools import cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.main import app
from api.refusals import codes_of

_PROBLEM = (b"content-type", b"application/problem+json")


class ProblemRecorder:
    """The application, with a record of the operations and codes of its problems."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.answered: set[tuple[str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_problem = False

        async def observe(message: Message) -> None:
            nonlocal is_problem
            if message["type"] == "http.response.start":
                is_problem = _PROBLEM in message["headers"]
            elif is_problem and message.get("body"):
                self._record(scope, json.loads(message["body"])["code"])
            await send(message)

        await self._app(scope, receive, observe)

    def _record(self, scope: Scope, code: str) -> None:
        operation = getattr(scope.get("route"), "operation_id", None)
        # A method that is not allowed is found by the route of another method.
        if operation and code != "method_not_allowed":
            self.answered.add((operation, code))


@cache
def documented_problems() -> set[tuple[str, str]]:
    """The operations of the application, each with every code that the document names."""
    operations = [operation for methods in app.openapi()["paths"].values() for operation in methods.values()]
    return {(operation["operationId"], code) for operation in operations for code in codes_of(operation)}
