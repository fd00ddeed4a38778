"""The dependencies of routes. Of them only the caller's queries the database: has the session of the token ended?"""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session, sessionmaker

from api.app_state import app_state_of
from api.problems import Unavailable
from core.accounts.factor_problems import FactorNeeded
from core.accounts.tokens import verify
from core.clock import Clock
from core.identity import Identity, current
from core.problems import Forbidden, Unauthorized
from core.settings import Settings

# The names of the security schemes in the OpenAPI document, which merges them.
BEARER: Final = "bearer"
OPTIONAL_BEARER: Final = "optional bearer"
_DESCRIPTION = "The `access_token` of `POST /auth/login`."
_READS: Final = frozenset({"GET", "HEAD"})
# Seconds that a request waits for its turn; as long as a thread waits for a connection.
_WAIT: Final = 30.0
_bearer = HTTPBearer(auto_error=False, scheme_name=BEARER, description=_DESCRIPTION)
bearer_credentials = HTTPBearer(auto_error=False, scheme_name=OPTIONAL_BEARER, description=_DESCRIPTION)


# Those that only look something up are asynchronous: FastAPI runs the others in a thread each.
async def get_settings(request: Request) -> Settings:
    """The settings of the application."""
    return app_state_of(request).settings


async def get_clock(request: Request) -> Clock:
    """The clock of the application."""
    return app_state_of(request).clock


async def get_sessions(request: Request) -> "sessionmaker[Session]":
    """The session factory, for routes with several transactions: `with sessions.begin() as session`."""
    return app_state_of(request).sessions


SettingsDep = Annotated[Settings, Depends(get_settings)]
ClockDep = Annotated[Clock, Depends(get_clock)]
SessionsDep = Annotated[sessionmaker[Session], Depends(get_sessions)]


async def get_turn(request: Request) -> AsyncGenerator[None]:
    """A place among the requests that may hold a transaction. Raises Unavailable."""
    async with turn(app_state_of(request).transactions):
        yield


@asynccontextmanager
async def turn(places: asyncio.Semaphore) -> AsyncGenerator[None]:
    """One of the places; waits for it without a thread. Raises Unavailable."""
    try:
        async with asyncio.timeout(_WAIT):
            await places.acquire()
    except TimeoutError:
        raise Unavailable("Try again in a moment.", retry_after=5) from None
    try:
        yield
    finally:
        places.release()


# The scope "function" commits, and ends the turn, before the answer is sent. A failed commit is answered as an error.
_Turn = Annotated[None, Depends(get_turn, scope="function")]


def get_session(request: Request, _turn: _Turn) -> Iterator[Session]:
    """One transaction for the request, from its first statement on. That of a read sees one snapshot."""
    state = app_state_of(request)
    make = state.snapshots if request.method in _READS else state.sessions
    with make.begin() as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session, scope="function")]


def get_optional_caller(
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer_credentials)],
    settings: SettingsDep,
    clock: ClockDep,
    sessions: SessionsDep,
) -> Identity | None:
    """The caller, or None without a token. Raises Unauthorized for an invalid token, SessionEnded after a log-out.

    The check has a transaction of its own: a route may call an external service, and holds no connection then.
    """
    if bearer is None:
        return None
    caller = verify(settings, bearer.credentials, clock())
    with sessions.begin() as session:
        return current(session, caller)


OptionalCaller = Annotated[Identity | None, Depends(get_optional_caller)]


def required(found: Identity | None) -> Identity:
    """The caller of an endpoint where a token is optional, for what needs one. Raises Unauthorized."""
    if found is None:
        raise Unauthorized("Send an access token: `Authorization: Bearer …`.")
    return found


def get_caller(
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    settings: SettingsDep,
    clock: ClockDep,
    sessions: SessionsDep,
) -> Identity:
    """The caller. Raises Unauthorized without a valid token, SessionEnded after a log-out."""
    return required(get_optional_caller(bearer, settings, clock, sessions))


Caller = Annotated[Identity, Depends(get_caller)]


def get_teacher(caller: Caller) -> Identity:
    """A caller who is a teacher or an operator. Raises Forbidden."""
    if caller.role not in {"teacher", "admin"}:
        raise Forbidden("Only teachers may do this.")
    return caller


def get_admin(caller: Caller) -> Identity:
    """A caller who is an operator, signed in with a second factor. Raises Forbidden, FactorNeeded."""
    if caller.role != "admin":
        raise Forbidden("Only operators may do this.")
    if not caller.is_operator:
        raise FactorNeeded("Turn on a second factor with `POST /me/totp`, or sign in again with its code.")
    return caller


TeacherCaller = Annotated[Identity, Depends(get_teacher)]
AdminCaller = Annotated[Identity, Depends(get_admin)]
