"""Checks that each problem an application answers is one that its OpenAPI document names for the operation."""

import json, os
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Recorder:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = {"problem": False}

        async def observe(message: Message) -> None:
            if message["type"] == "http.response.start":
                state["problem"] = any(k == b"content-type" and v == b"application/problem+json" for k, v in message["headers"])
            elif message["type"] == "http.response.body" and state["problem"] and message.get("body"):
                body = json.loads(message["body"])
                route = scope.get("route")
                with open("/tmp/h/codes.txt", "a") as f:
                    f.write(f"{getattr(route,'operation_id',None)} {body['status']} {body['code']}\n")
            await send(message)

        await self._app(scope, receive, observe)
