from collections.abc import Generator

import pytest

from core.settings import Settings
from tests.support.api_harness import ApiHarness, open_api
from tests.support.fake_gateway import FakeGateway


@pytest.fixture(scope="module")
def module_api(database_url: str) -> Generator[ApiHarness]:
    with open_api(Settings(env="test", database_url=database_url)) as api:
        yield api


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway()


@pytest.fixture
def api(module_api: ApiHarness, gateway: FakeGateway) -> ApiHarness:
    """The module's application, with a new fake gateway."""
    module_api.use_gateway(gateway)
    return module_api
