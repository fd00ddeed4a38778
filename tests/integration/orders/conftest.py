from collections.abc import Generator

import pytest

from core.settings import Settings
from tests.integration.orders.gateways import FakeGateway
from tests.integration.orders.shop import Shop, open_shop


@pytest.fixture(scope="module")
def opened_shop(database_url: str) -> Generator[Shop]:
    with open_shop(Settings(env="test", database_url=database_url)) as shop:
        yield shop


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway()


@pytest.fixture
def shop(opened_shop: Shop, gateway: FakeGateway) -> Shop:
    """The module's shop, with a payment provider of the test's own."""
    opened_shop.use_gateway(gateway)
    return opened_shop
