from collections.abc import Generator

import pytest
from sqlalchemy.orm import Session, sessionmaker

from core.settings import Settings
from tasks import runtime
from tests.support.api_harness import ApiHarness, open_api
from tests.support.fake_gateway import FakeGateway
from tests.support.fake_mailer import FakeMailer


@pytest.fixture(scope="module")
def module_api(database_url: str) -> Generator[ApiHarness]:
    with open_api(Settings(env="test", database_url=database_url, rate_limit_attempts=10_000)) as api:
        yield api


@pytest.fixture
def gateway(in_process: pytest.MonkeyPatch) -> FakeGateway:
    """The payment provider of the API and of the workers."""
    fake = FakeGateway()
    in_process.setattr(runtime, "payments", lambda: fake)
    return fake


@pytest.fixture
def mailer(in_process: pytest.MonkeyPatch) -> FakeMailer:
    fake = FakeMailer()
    in_process.setattr(runtime, "mailer", lambda: fake)
    return fake


@pytest.fixture
def api(
    module_api: ApiHarness,
    gateway: FakeGateway,
    mailer: FakeMailer,  # noqa: ARG001 - no email leaves a test
    sessions: sessionmaker[Session],  # noqa: ARG001 - empties the tables
) -> ApiHarness:
    """The module's application, with a new fake gateway and nothing left of other tests."""
    module_api.use_gateway(gateway)
    return module_api
