"""A site for all crash tests, and a house on it for each."""

import itertools
from collections.abc import Iterator

import pytest

from scripts.local.valkey import DATABASES
from tests.chaos.house import House
from tests.chaos.site import Site, open_site
from tests.support.databases import fresh_database

_broker_databases = itertools.cycle(range(1, DATABASES))


@pytest.fixture(scope="package")
def site() -> Iterator[Site]:
    with open_site() as opened:
        yield opened


@pytest.fixture
def house(site: Site, request: pytest.FixtureRequest) -> Iterator[House]:
    """Nothing of it runs yet; all of it ends with the test."""
    with fresh_database(site.postgres.url(), "chaos", template=site.template) as url:
        house = House(site, str(request.node.name), url, site.valkey.url(next(_broker_databases)))
        try:
            yield house
        finally:
            house.close()
