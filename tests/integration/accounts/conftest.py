import pytest

from tests.support.accounts import Account, register_account
from tests.support.api_harness import ApiHarness


@pytest.fixture
def account(api: ApiHarness) -> Account:
    """A new account, signed in."""
    return register_account(api)
