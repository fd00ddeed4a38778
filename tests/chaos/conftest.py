"""One set of services for all crash tests, and one deployment for each test."""

import itertools
from collections.abc import Iterator

import pytest

from scripts.local.valkey import DATABASES
from tests.chaos.deployment import Deployment
from tests.chaos.services import Services, start_services
from tests.support.databases import fresh_database

_broker_databases = itertools.cycle(range(1, DATABASES))


def next_broker_database() -> int:
    """The number of a database of the broker that no other test of this process has."""
    return next(_broker_databases)


@pytest.fixture(scope="package")
def chaos_services() -> Iterator[Services]:
    with start_services() as started:
        yield started


@pytest.fixture
def deployment(chaos_services: Services, request: pytest.FixtureRequest) -> Iterator[Deployment]:
    """A deployment without processes; all that the test starts ends with the test."""
    services = chaos_services
    with fresh_database(services.postgres.url(), "chaos", template=services.template) as url:
        broker_url = services.valkey.url(next_broker_database())
        started = Deployment(services, str(request.node.name), url, broker_url)
        try:
            yield started
        finally:
            started.close()
