from collections.abc import Generator

import pytest
from pydantic import SecretStr
from sqlalchemy.orm import Session, sessionmaker

from api.gateways import get_payment_gateway
from core.settings import Settings
from tests.contract.conftest import SECRET_KEY, StripeEmulator, emulator
from tests.integration.orders.gateways import FakeGateway
from tests.integration.orders.shop import Shop, open_shop
from tests.integration.webhooks.events import Desk

# A fixture is found by its name here.
__all__ = ["emulator"]


@pytest.fixture(scope="module")
def opened_shop(database_url: str, emulator: StripeEmulator) -> Generator[Shop]:
    settings = Settings(
        env="test",
        database_url=database_url,
        stripe_api_base=emulator.base,
        stripe_secret_key=SecretStr(SECRET_KEY),
    )
    with open_shop(settings) as shop:
        yield shop


@pytest.fixture
def shop(opened_shop: Shop) -> Shop:
    """The shop as it is: it pays at the emulator, through Stripe's own SDK."""
    opened_shop.app.dependency_overrides.pop(get_payment_gateway, None)
    return opened_shop


@pytest.fixture
def gateway(shop: Shop) -> FakeGateway:
    """A provider that does as the test says, in place of the emulator."""
    fake = FakeGateway()
    shop.use_gateway(fake)
    return fake


@pytest.fixture
def desk(sessions: sessionmaker[Session]) -> Desk:
    return Desk(sessions)
