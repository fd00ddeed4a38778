from collections.abc import Generator

import pytest

from scripts.local.services import LocalServices
from tests.support.processes import ProcessGroup, process_group

LEASE_SECONDS = 20


@pytest.fixture(scope="module")
def processes(services: LocalServices, database_url: str, redis_url: str) -> Generator[ProcessGroup]:
    """Starts relays, workers and beats that also know the trial kind."""
    env = {
        "AULA_DATABASE_URL": database_url,
        "AULA_REDIS_URL": redis_url,
        "AULA_LEASE_SECONDS": str(LEASE_SECONDS),
    }
    with process_group(
        services.folder / "logs", env, app="tests.support.trials.app", relay_module="tests.support.trials.relay"
    ) as started:
        yield started
