"""The fixture of tests that need the whole application; a package of tests takes it into its conftest."""

from collections.abc import Generator

import pytest

from core.settings import Settings
from tests.integration.orders.shop import Shop, open_shop


@pytest.fixture(scope="module")
def shop(database_url: str) -> Generator[Shop]:
    """The whole application over HTTP, for one module; nobody in it tries too often."""
    settings = Settings(env="test", database_url=database_url, rate_limit_attempts=10_000)
    with open_shop(settings) as opened:
        yield opened
