import pytest

from tests.support.api_harness import ApiHarness, User


@pytest.fixture
def teacher(api: ApiHarness) -> User:
    return api.user("teacher")


@pytest.fixture
def admin(api: ApiHarness) -> User:
    return api.user("admin")
