from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import BodyTooLarge, max_body, problem_response


class BodyLimitMiddleware:
    """Refuses a body over the limit of its path, by its Content-Length or while it is read."""

    # FastAPI's own max_body_size answers in plain text for a Content-Length above the limit.
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = max_body(scope["path"])
        content_length = Headers(scope=scope).get("content-length", "")
        if content_length.isdecimal() and int(content_length) > limit:
            await problem_response(BodyTooLarge(limit))(scope, receive, send)
            return
        read = 0

        async def counted_receive() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                # FastAPI passes on an HTTPException that is raised while it reads a body; api.problems renders it.
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        await self._app(scope, counted_receive, send)
