"""What routes ask for. None of these touches the database: a route's own thread does, in one go."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session, sessionmaker

from api.app_state import app_state_of
from core.accounts.tokens import verify
from core.clock import Clock
from core.identity import Identity
from core.problems import Forbidden, Unauthorized
from core.settings import Settings

_bearer = HTTPBearer(auto_error=False, description="The `access_token` of `POST /auth/login`.")


def get_settings(request: Request) -> Settings:
    """The settings the application was made with."""
    return app_state_of(request).settings


def get_clock(request: Request) -> Clock:
    """The clock the application was made with."""
    return app_state_of(request).clock


def get_sessions(request: Request) -> "sessionmaker[Session]":
    """For the few routes that need more than one transaction: `with sessions.begin() as session`."""
    return app_state_of(request).sessions


SettingsDep = Annotated[Settings, Depends(get_settings)]
ClockDep = Annotated[Clock, Depends(get_clock)]
SessionsDep = Annotated[sessionmaker[Session], Depends(get_sessions)]


def get_session(sessions: SessionsDep) -> Iterator[Session]:
    """One transaction for the request, begun by its first statement."""
    with sessions.begin() as session:
        yield session


# The scope "function" commits before the answer is sent: no client is told of what a failed commit undid.
SessionDep = Annotated[Session, Depends(get_session, scope="function")]


def get_visitor(
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    settings: SettingsDep,
    clock: ClockDep,
) -> Identity | None:
    """Who calls, or None without a token. Raises Unauthorized for a token that is not valid."""
    return None if bearer is None else verify(settings, bearer.credentials, clock())


Visitor = Annotated[Identity | None, Depends(get_visitor)]


def get_caller(visitor: Visitor) -> Identity:
    """Who calls. Raises Unauthorized without a token."""
    if visitor is None:
        raise Unauthorized("Send an access token: `Authorization: Bearer …`.")
    return visitor


Caller = Annotated[Identity, Depends(get_caller)]


def get_teacher(caller: Caller) -> Identity:
    """A caller who may offer something. Raises Forbidden."""
    if caller.role not in {"teacher", "admin"}:
        raise Forbidden("Only teachers may do this.")
    return caller


def get_admin(caller: Caller) -> Identity:
    """An operator. Raises Forbidden."""
    if caller.role != "admin":
        raise Forbidden("Only operators may do this.")
    return caller


TeacherCaller = Annotated[Identity, Depends(get_teacher)]
AdminCaller = Annotated[Identity, Depends(get_admin)]
