"""The database of the command line, its transactions, and the operator in whose name they act."""

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session, sessionmaker

from core.accounts.email import normalise
from core.console.limits import limit_time
from core.problems import Forbidden, InputInvalid
from core.setting_variables import put_values_of_files
from core.settings import variable_names
from db.engine import make_engine, make_sessions
from db.models import Profile
from scripts.aula.exits import CommandError, Exit
from scripts.local.running import running_environment

_CONNECT_SECONDS: Final = "5"


def use_running() -> None:
    """Without AULA_DATABASE_URL, take the variables of the `make run` that serves now; others stay as they are.

    Raises CommandError: a file that a variable names cannot be read.
    """
    try:
        put_values_of_files(os.environ, variable_names().values())
    except ValueError as error:
        raise CommandError(str(error), Exit.USAGE) from None
    if not os.environ.get("AULA_DATABASE_URL"):
        for name, value in (running_environment() or {}).items():
            os.environ.setdefault(name, value)
    # libpq's own variable: a database that does not answer ends the command.
    os.environ.setdefault("PGCONNECT_TIMEOUT", _CONNECT_SECONDS)


def database_url() -> str:
    """The address of the database. Raises CommandError when there is none."""
    use_running()
    url = os.environ.get("AULA_DATABASE_URL")
    if not url:
        raise CommandError("no database: set AULA_DATABASE_URL, or start `make run`", Exit.UNREACHABLE)
    return url


@contextmanager
def open_sessions(url: str | None = None) -> Generator[sessionmaker[Session]]:
    """Sessions on one connection; the database is the command line's, unless an address is given.

    Raises CommandError for an address that cannot be read.
    """
    try:
        engine = make_engine(url or database_url(), 1)
    except (ArgumentError, ImportError):
        said = f"{'--into' if url else 'AULA_DATABASE_URL'} is no address such as postgresql://user:password@host:5432/database"
        # The cause quotes the address, password included.
        raise CommandError(said, Exit.UNREACHABLE) from None
    try:
        yield make_sessions(engine)
    finally:
        engine.dispose()


@contextmanager
def reading() -> Generator[Session]:
    """A transaction whose statements take at most a few seconds."""
    with open_sessions() as sessions, sessions.begin() as session:
        limit_time(session)
        yield session


@dataclass(frozen=True, slots=True)
class Action:
    """An operator's action: its transaction, its actor and its time."""

    session: Session
    actor_id: UUID
    now: datetime


@contextmanager
def acting(operator: str | None) -> Generator[Action]:
    """The transaction of an action by an operator, who is named by address; the only one need not be named.

    Raises Forbidden, InputInvalid.
    """
    with open_sessions() as sessions, sessions.begin() as session:
        yield Action(session, operator_of(session, operator), datetime.now(UTC))


def operator_of(session: Session, email: str | None) -> UUID:
    """The operator's account. Raises Forbidden when it is no operator, or when more than one could be meant."""
    is_admin = (Profile.role == "admin") & Profile.erased_at.is_(None)
    if email is None:
        return _only_operator(session.scalars(select(Profile.id).where(is_admin).limit(2)).all())
    try:
        address = normalise(email)
    except ValueError as error:
        raise InputInvalid(str(error), field="--as") from None
    found = session.scalar(select(Profile.id).where(is_admin, Profile.email == address))
    if found is None:
        raise Forbidden(f"{address} is no account with the role admin.", field="--as")
    return found


def _only_operator(found: Sequence[UUID]) -> UUID:
    if not found:
        raise Forbidden("There is no operator yet: aula users create-admin makes the first.")
    if len(found) > 1:
        raise Forbidden("There is more than one operator: name yourself by --as or AULA_OPERATOR.", field="--as")
    return found[0]
