from collections.abc import Generator

import pytest
from sqlalchemy.orm import Session, sessionmaker

from core.settings import settings
from tasks import runtime
from tests.support.jobs import empty, ledger


@pytest.fixture(scope="module")
def module_ledger(database_url: str) -> Generator[sessionmaker[Session]]:
    """Sessions on the module's database, whose kinds are installed."""
    with ledger(database_url) as sessions:
        yield sessions


@pytest.fixture
def sessions(module_ledger: sessionmaker[Session]) -> sessionmaker[Session]:
    """The same, without jobs, events, orders and what came of them."""
    empty(module_ledger)
    return module_ledger


@pytest.fixture
def in_process(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Generator[pytest.MonkeyPatch]:
    """Tasks may be run in this process, on the module's database; what it gives patches further."""
    monkeypatch.setenv("AULA_DATABASE_URL", database_url)
    settings.cache_clear()
    runtime.forget()
    # Made now: threads of a test would each make their own.
    runtime.sessions()
    yield monkeypatch
    monkeypatch.undo()
    runtime.statements().close()
    runtime.statement_engine().dispose()
    runtime.engine().dispose()
    runtime.forget()
    settings.cache_clear()
