"""Which real errors mean that the connection is lost."""

from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from db.connection_errors import is_connection_lost
from db.engine import make_engine
from tests.support.jobs import do

UNREACHABLE = "postgresql://app@127.0.0.1:1/aula"
TERMINATE = "select pg_terminate_backend(pg_backend_pid())"


def error_of(action: Callable[[], object]) -> Exception:
    with pytest.raises((SQLAlchemyError, psycopg.Error)) as raised:
        action()
    return raised.value


@pytest.mark.parametrize(
    "statement",
    ["select 1 / 0", "select * from missing", "set local statement_timeout = 1; select pg_sleep(1)"],
)
def test_a_statement_that_fails_has_not_lost_its_connection(sessions: sessionmaker[Session], statement: str) -> None:
    assert not is_connection_lost(error_of(lambda: do(sessions, statement)))


def test_a_terminated_session_has_lost_its_connection(sessions: sessionmaker[Session]) -> None:
    assert is_connection_lost(error_of(lambda: do(sessions, TERMINATE)))


def test_a_terminated_driver_connection_is_lost(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        assert is_connection_lost(error_of(lambda: connection.execute(TERMINATE)))


def test_a_database_that_cannot_be_reached_is_a_lost_connection() -> None:
    assert is_connection_lost(error_of(lambda: psycopg.connect(UNREACHABLE)))
    engine = make_engine(UNREACHABLE.replace("postgresql:", "postgresql+psycopg:"), 1)
    assert is_connection_lost(error_of(engine.connect))


def test_other_errors_are_not_a_lost_connection() -> None:
    assert not is_connection_lost(ValueError("no"))
