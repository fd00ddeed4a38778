import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.support.api_harness import ApiHarness, User


@pytest.fixture
def admin(api: ApiHarness, sessions: sessionmaker[Session]) -> User:
    """An operator, on a database without jobs, events and orders."""
    assert sessions is not None
    return api.user("admin")
