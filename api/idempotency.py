"""The Idempotency-Key of mutating endpoints: a request repeated under the same key has its effect once.

Exempt are login, refresh and the second factor, whose answers contain secrets and must not be stored; logout, which is
idempotent by itself; and the webhook endpoint, which recognises an event by its id.
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

from api.deps import OptionalCaller, SessionDep, SettingsDep
from core.idempotency.keys import RequestKey, StoredResponse, claim, store
from core.identity import Identity, check_still_valid

T = TypeVar("T", bound=BaseModel | None)

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Unique to the request, such as a UUID. For a day, a repeated request gets the first answer.",
    ),
]


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """One mutating request of several transactions, as of routes that call a provider between them."""

    caller: Identity | None
    request_key: RequestKey | None

    def find_response(self, session: Session) -> Response | None:
        """The stored answer, if any. Otherwise the key is locked until the end of `session`'s transaction."""
        stored = claim(session, self.request_key) if self.request_key else None
        if stored:
            return _replay(stored)
        if self.caller:
            check_still_valid(session, self.caller)
        return None

    def store_response(
        self, session: Session, status: int, result: BaseModel | None, headers: Mapping[str, str]
    ) -> Response:
        """Make the answer, and store it under the key in `session`'s transaction."""
        body = None if result is None else result.model_dump_json()
        if self.request_key:
            store(session, self.request_key, status, to_json(dict(headers)).decode(), body)
        return Response(body, status, headers, media_type="application/json" if body else None)


@dataclass(frozen=True, slots=True)
class IdempotentTransaction:
    """One mutating request of one transaction. Call it with the work."""

    session: Session
    request: IdempotentRequest

    def __call__(self, status: int, work: Callable[[], T], *, location: Callable[[T], str] | None = None) -> Response:
        """Run `work` in the request's transaction and answer its result, or repeat the stored answer.

        `location` makes the Location header from the result. Raises KeyReused, KeyInFlight, Unauthorized.
        """
        if replay := self.request.find_response(self.session):
            return replay
        result = work()
        headers = {"Location": location(result)} if location else {}
        return self.request.store_response(self.session, status, result, headers)


def _replay(stored: StoredResponse) -> Response:
    headers = {**stored.headers, "Idempotent-Replayed": "true"}
    if stored.body is None:
        return Response(None, stored.status, headers)
    return JSONResponse(stored.body, stored.status, headers)


async def get_idempotent_request(
    request: Request, caller: OptionalCaller, settings: SettingsDep, key: IdempotencyKey = None
) -> IdempotentRequest:
    """The request with its Idempotency-Key, if it has one."""
    if key is None:
        return IdempotentRequest(caller, None)
    target = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    # An HMAC, because a body may contain a password: without the secret, guesses cannot be checked against the hash.
    secret = settings.jwt_secret.get_secret_value().encode()
    digest = hmac.digest(secret, target + await request.body(), "sha256")
    if caller is None:
        key = _anonymous_key(request, key)
    return IdempotentRequest(caller, RequestKey(caller.profile_id if caller else None, key, digest))


def _anonymous_key(request: Request, key: str) -> str:
    """The key of a caller without a token, made specific to its address: keys of different clients cannot collide."""
    address = request.client.host if request.client else ""
    return hashlib.sha256(f"{address}\n{key}".encode()).hexdigest()


IdempotentRequestDep = Annotated[IdempotentRequest, Depends(get_idempotent_request)]


async def get_idempotent_transaction(session: SessionDep, request: IdempotentRequestDep) -> IdempotentTransaction:
    """The request with its transaction and its Idempotency-Key."""
    return IdempotentTransaction(session, request)


Idempotency = Annotated[IdempotentTransaction, Depends(get_idempotent_transaction)]
