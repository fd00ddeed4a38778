"""The API as typed calls, for a visitor or a person who is signed in."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, TypeVar
from uuid import UUID

import httpx
from pydantic import TypeAdapter, ValidationError

from client.api.base import Model, Operation
from client.api.problems import UNREADABLE, ApiProblem, SessionEnded
from client.api.tokens import MemoryStore, TokenStore
from client.api.transport import Request, Transport, new_key
from client.operations import accounts

_UNAUTHORIZED: Final = 401
# Another tab exchanges the same token now; this many seconds later its new one is stored.
_RACE_S: Final = 0.7
_RACED: Final = "refresh_token_raced"

T = TypeVar("T")


class ApiClient:
    """Calls operations. Access tokens are renewed when they have expired."""

    def __init__(self, transport: Transport, *, on_session_end: Callable[[], None] | None = None) -> None:
        self.transport = transport
        self.on_session_end = on_session_end
        self._store: TokenStore = MemoryStore()
        self._access: str | None = None
        self._renewing = asyncio.Lock()

    @property
    def access_token(self) -> str | None:
        """The access token, which may have expired; None: nobody is signed in."""
        return self._access

    async def call(
        self,
        operation: Operation[T],
        body: Model | None = None,
        *,
        key: str | None = None,
        query: Mapping[str, str] | None = None,
        **ids: UUID,
    ) -> T:
        """Call an operation. `key` is the idempotency key; without one, the operation gets a new one.

        Raises:
            ApiProblem: it was refused, or not answered.
        """
        headers = {"Idempotency-Key": key or new_key()} if operation.keyed else {}
        request = Request(
            operation.method,
            operation.path.format_map(ids),
            None if body is None else body.model_dump(mode="json", exclude_unset=True),
            query or {},
            headers,
            safe=operation.keyed or operation.method == "GET",
        )
        return _parsed(operation, await self.send(request))

    async def send(self, request: Request) -> httpx.Response:
        """The answer to a request as the person who is signed in. Raises ApiProblem."""
        used = self._access
        try:
            return await self.transport.send(self._signed(request))
        except ApiProblem as problem:
            if problem.status != _UNAUTHORIZED or used is None:
                raise
        await self.renew(used)
        return await self.transport.send(self._signed(request))

    async def sign_in(self, email: str, password: str, code: str, store: TokenStore) -> None:
        """Sign in, and keep the refresh token in `store`. Raises ApiProblem."""
        self._access = None
        values = {"email": email, "password": password} | ({"code": code} if code else {})
        tokens = await self.call(accounts.AUTH_LOGIN, accounts.LoginInput.model_validate(values))
        await self._keep(tokens, store)

    async def resume(self, store: TokenStore) -> bool:
        """Sign in by the token in a store. Returns whether there was one that is still good. Raises NoAnswer."""
        if not await store.load():
            return False
        self._store = store
        try:
            await self.renew(None)
        except SessionEnded:
            return False
        return True

    async def sign_out(self) -> None:
        """Forget the tokens and end the session at the server, if it is reached."""
        token, store = await self._store.load(), self._store
        self._access, self._store = None, MemoryStore()
        await store.clear()
        if token:
            try:
                await self.call(accounts.AUTH_LOGOUT, accounts.RefreshInput(refresh_token=token))
            except ApiProblem:
                # The device has forgotten the token; the session ends by itself.
                return

    async def renew(self, used: str | None) -> None:
        """Get a new access token, unless another call has replaced the `used` one meanwhile.

        Raises:
            SessionEnded: the refresh token is no longer good.
            ApiProblem: the server did not answer.
        """
        async with self._renewing:
            if used is not None and self._access != used:
                return
            try:
                tokens = await self._exchange()
            except ApiProblem as problem:
                if problem.may_have_happened:
                    raise
                await self._end()
                raise SessionEnded from problem
            await self._keep(tokens, self._store)

    async def _exchange(self) -> accounts.TokensOut:
        # Another tab may have stored a newer one: a token that is used twice ends its session.
        token = await self._store.load()
        try:
            return await self._refresh(token)
        except ApiProblem as problem:
            if problem.code != _RACED:
                raise
            await asyncio.sleep(_RACE_S)
            newer = await self._store.load()
            if newer == token:
                raise
            return await self._refresh(newer)

    async def _refresh(self, token: str | None) -> accounts.TokensOut:
        if not token:
            raise SessionEnded
        answer = await self.transport.send(
            Request("POST", accounts.AUTH_REFRESH.path, {"refresh_token": token}),
        )
        return _parsed(accounts.AUTH_REFRESH, answer)

    async def _keep(self, tokens: accounts.TokensOut, store: TokenStore) -> None:
        self._store, self._access = store, tokens.access_token
        await store.save(tokens.refresh_token)

    async def _end(self) -> None:
        self._access = None
        await self._store.clear()
        self._store = MemoryStore()
        if self.on_session_end:
            self.on_session_end()

    def _signed(self, request: Request) -> Request:
        if self._access is None:
            return request
        headers = {**request.headers, "Authorization": f"Bearer {self._access}"}
        return Request(request.method, request.path, request.body, request.query, headers, request.safe)


def _parsed(operation: Operation[T], answer: httpx.Response) -> T:
    content = answer.content or b"null"
    try:
        return TypeAdapter(operation.answer).validate_json(content)
    except ValidationError as error:
        # The API is newer than this app.
        raise ApiProblem(UNREADABLE, status=answer.status_code) from error
