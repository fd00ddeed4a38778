"""The Idempotency-Key of mutating endpoints: the same request under the same key has its effect once.

Exempt are the endpoints whose answers bear tokens (login, refresh) and logout, which is idempotent by itself: an
answer that opens an account is never stored. The sender of a webhook names its events, which serves the same end.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from pydantic_core import to_json
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, Response

from api.deps import SessionDep, SettingsDep, Visitor
from core.idempotency.keys import StoredResponse, Ticket, claim, keep
from core.identity import Identity, check_standing

T = TypeVar("T", bound=BaseModel | None)

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Names this request, e.g. with a UUID, so that repeating it is harmless; kept for a day.",
    ),
]


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """One mutating request. Call it with the work.

    Routes with several transactions use `find_response` and `store_response`.
    """

    session: Session
    caller: Identity | None
    ticket: Ticket | None

    def __call__(self, status: int, work: Callable[[], T], *, location: Callable[[T], str] | None = None) -> Response:
        """Do `work` in the request's transaction and answer what it made, or repeat the answer given before.

        `location` makes the Location header from what was made. Raises KeyReused, KeyInFlight, Unauthorized.
        """
        if replay := self.find_response(self.session):
            return replay
        made = work()
        headers = {"Location": location(made)} if location else {}
        return self.store_response(self.session, status, made, headers)

    def find_response(self, session: Session) -> Response | None:
        """The answer given before, if any; else the key is held until the end of `session`'s transaction."""
        stored = claim(session, self.ticket) if self.ticket else None
        if stored:
            return _replay(stored)
        if self.caller:
            check_standing(session, self.caller)
        return None

    def store_response(
        self, session: Session, status: int, made: BaseModel | None, headers: Mapping[str, str]
    ) -> Response:
        """The answer, stored under the key in `session`'s transaction."""
        body = None if made is None else made.model_dump_json()
        if self.ticket:
            keep(session, self.ticket, status, to_json(dict(headers)).decode(), body)
        return Response(body, status, headers, media_type="application/json" if body else None)


def _replay(stored: StoredResponse) -> Response:
    headers = {**stored.headers, "Idempotent-Replayed": "true"}
    if stored.body is None:
        return Response(None, stored.status, headers)
    return JSONResponse(stored.body, stored.status, headers)


async def _idempotent_request(
    request: Request, session: SessionDep, visitor: Visitor, settings: SettingsDep, key: IdempotencyKey = None
) -> IdempotentRequest:
    if key is None:
        return IdempotentRequest(session, visitor, None)
    target = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    # Keyed, because a body may hold a password: the stored hash alone lets nobody try guesses.
    secret = settings.jwt_secret.get_secret_value().encode()
    digest = hmac.digest(secret, target + await request.body(), "sha256")
    if visitor is None:
        key = _strangers_key(request, key)
    return IdempotentRequest(session, visitor, Ticket(visitor.profile_id if visitor else None, key, digest))


def _strangers_key(request: Request, key: str) -> str:
    """Keys of callers nobody knows are apart by address, so that one cannot spoil another's."""
    address = request.client.host if request.client else ""
    return hashlib.sha256(f"{address}\n{key}".encode()).hexdigest()


Idempotency = Annotated[IdempotentRequest, Depends(_idempotent_request)]
