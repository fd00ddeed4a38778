from collections.abc import Generator

import pytest

from scripts.local.services import LocalServices
from tests.support.processes import Crew, crew

LEASE_SECONDS = 20


@pytest.fixture(scope="module")
def people(services: LocalServices, database_url: str, redis_url: str) -> Generator[Crew]:
    """Starts relays, workers and beats that know the trial kind; all else is as in production."""
    env = {
        "AULA_DATABASE_URL": database_url,
        "AULA_REDIS_URL": redis_url,
        "AULA_LEASE_SECONDS": str(LEASE_SECONDS),
    }
    with crew(
        services.folder / "logs", env, app="tests.support.trials.app", relay_module="tests.support.trials.relay"
    ) as started:
        yield started
