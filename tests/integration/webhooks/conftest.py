import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.integration.webhooks.events import Desk


@pytest.fixture
def desk(sessions: sessionmaker[Session]) -> Desk:
    return Desk(sessions)
