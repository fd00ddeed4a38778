import pytest

from tests.integration.accounts.people import Account, register
from tests.integration.orders.shop import Shop
from tests.integration.shops import shop

__all__ = ["account", "shop"]


@pytest.fixture
def account(shop: Shop) -> Account:
    """Somebody who has just registered and signed in."""
    return register(shop)
