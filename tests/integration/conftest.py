import secrets
from collections.abc import Generator, Iterator

import pytest
from argon2 import PasswordHasher
from sqlalchemy.orm import Session, sessionmaker

from core.accounts import passwords
from core.settings import Settings, settings
from tasks import runtime
from tests.support.api_harness import ApiHarness, open_api
from tests.support.fake_gateway import FakeGateway
from tests.support.jobs import do, empty, job_sessions
from tests.support.refund_harness import RefundHarness
from tests.support.webhook_harness import WebhookHarness


@pytest.fixture(scope="module", autouse=True)
def quick_passwords() -> Iterator[None]:
    """The hash of a password is made to cost time; a hundredth of it is enough here. Unit tests hold the real cost."""
    quick = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", quick)
        patch.setattr(passwords, "DUMMY_HASH", quick.hash(secrets.token_hex()))
        yield


@pytest.fixture(scope="module")
def module_sessions(database_url: str) -> Generator[sessionmaker[Session]]:
    """Sessions on the module's database, with job kinds installed."""
    with job_sessions(database_url) as sessions:
        yield sessions


@pytest.fixture
def sessions(module_sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    """The same, with jobs, events and orders of earlier tests removed."""
    empty(module_sessions)
    return module_sessions


@pytest.fixture(scope="module")
def api(database_url: str) -> Generator[ApiHarness]:
    """The whole application over HTTP, for one module, with a rate limit that its tests do not reach."""
    with open_api(Settings(env="test", database_url=database_url, rate_limit_attempts=10_000)) as opened:
        yield opened


@pytest.fixture
def webhooks(sessions: sessionmaker[Session]) -> WebhookHarness:
    return WebhookHarness(sessions)


@pytest.fixture
def in_process(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Generator[pytest.MonkeyPatch]:
    """Lets tasks run in this process, on the module's database; yields the monkeypatch that it used."""
    monkeypatch.setenv("AULA_DATABASE_URL", database_url)
    settings.cache_clear()
    runtime.reset_after_fork()
    # Made here, because threads of a test would each make their own.
    runtime.sessions()
    yield monkeypatch
    monkeypatch.undo()
    runtime.statements().close()
    runtime.statement_engine().dispose()
    runtime.engine().dispose()
    runtime.reset_after_fork()
    settings.cache_clear()


@pytest.fixture
def gateway(in_process: pytest.MonkeyPatch) -> FakeGateway:
    """A fake gateway in the worker."""
    fake = FakeGateway()
    in_process.setattr(runtime, "payments", lambda: fake)
    return fake


@pytest.fixture
def shop(api: ApiHarness, webhooks: WebhookHarness, gateway: FakeGateway) -> Iterator[RefundHarness]:
    """Every test leaves a state in which all invariants hold."""
    do(webhooks.sessions, "truncate app.findings, app.refunds cascade")
    harness = RefundHarness(api, webhooks, gateway)
    yield harness
    gateway.fault = None
    harness.run_later()
    assert harness.violations() == {}
