from collections.abc import Generator

import pytest
from pydantic import SecretStr

from api.gateways import get_payment_gateway
from core.settings import Settings
from tests.contract.conftest import SECRET_KEY, StripeEmulator, emulator
from tests.support.api_harness import ApiHarness, open_api
from tests.support.fake_gateway import FakeGateway

# pytest finds a fixture by its name in this module.
__all__ = ["emulator"]


@pytest.fixture(scope="module")
def module_api(database_url: str, emulator: StripeEmulator) -> Generator[ApiHarness]:
    settings = Settings(
        env="test",
        database_url=database_url,
        stripe_api_base=emulator.base,
        stripe_secret_key=SecretStr(SECRET_KEY),
    )
    with open_api(settings) as api:
        yield api


@pytest.fixture
def api(module_api: ApiHarness) -> ApiHarness:
    """The application with the real gateway: Stripe's SDK against the emulator."""
    module_api.app.dependency_overrides.pop(get_payment_gateway, None)
    return module_api


@pytest.fixture
def gateway(api: ApiHarness) -> FakeGateway:
    """A fake gateway in place of the emulator."""
    fake = FakeGateway()
    api.use_gateway(fake)
    return fake
