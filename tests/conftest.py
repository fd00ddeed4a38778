"""What tests share: one PostgreSQL and one Valkey for the session, started when first asked for."""

import itertools
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import redis

from scripts.local.services import LocalServices
from scripts.local.valkey import DATABASES
from tests.support.databases import fresh_database, migrate

pytest_plugins = ["tests.support.distribution"]

# Database 0 stays empty, so that a test which forgets to name its own is seen.
_broker_databases = itertools.cycle(range(1, DATABASES))


@pytest.fixture(scope="session")
def services() -> Iterator[LocalServices]:
    """PostgreSQL and Valkey; their logs lie in `.local/test-N/logs`."""
    with LocalServices("test", fresh=True) as started:
        yield started


@pytest.fixture(scope="session")
def migrated_template(services: LocalServices) -> Iterator[str]:
    """The name of a migrated database that others are copied from."""
    with fresh_database(services.database_url, "aula_template") as url:
        migrate(url)
        yield urlsplit(url).path.removeprefix("/")


@pytest.fixture(scope="module")
def database_url(services: LocalServices, migrated_template: str) -> Iterator[str]:
    """A migrated, empty database of the module's own."""
    with fresh_database(services.database_url, "aula_test", template=migrated_template) as url:
        yield url


@pytest.fixture(scope="module")
def empty_database_url(services: LocalServices) -> Iterator[str]:
    """A database of the module's own without any table."""
    with fresh_database(services.database_url, "aula_empty") as url:
        yield url


@pytest.fixture(scope="module")
def redis_url(services: LocalServices) -> str:
    """An empty logical database of the broker for the module."""
    if not services.owns_broker:
        _check_empty(services.redis_url)
        return services.redis_url
    url = services.valkey.url(next(_broker_databases))
    with redis.from_url(url) as client:
        client.flushdb()  # pyright: ignore[reportUnknownMemberType] - redis-py's own
    return url


def _check_empty(url: str) -> None:
    with redis.from_url(url) as client:
        keys = client.dbsize()  # pyright: ignore[reportUnknownMemberType] - redis-py's own
    if keys:
        pytest.fail(f"AULA_REDIS_URL names a database that holds {keys} keys; tests need an empty one")
