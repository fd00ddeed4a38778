"""The numbers of `/metrics`.

What this process does is counted in memory: requests, deliveries, its pools and its breakers. All else is read from the
database, for all processes together.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast, get_args

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine, QueuePool
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker
from starlette.types import Scope

from api.pool import AsyncPool
from core.clock import Clock
from core.gateways.breaker import BreakerState, breaker_states
from core.metrics.read import GAUGES, Meaning, Sample, read

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Seconds. A request that waits for Stripe takes up to ten, an event stream as long as its client listens.
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# What this process counts as it happens.
COUNTED: Final[Mapping[str, Meaning]] = {
    "aula_http_requests_total": Meaning(
        "Requests, without deliveries to the webhook endpoint.", ("route", "method", "status")
    ),
    "aula_http_request_seconds": Meaning("Seconds of these requests, as a histogram.", ("route", "method")),
    "aula_webhook_deliveries_total": Meaning(
        "Deliveries to the webhook endpoint: stored, failed, or the code of the problem.", ("outcome",)
    ),
}
# The numbers of this process that are read at each scrape.
PROCESS_GAUGES: Final[Mapping[str, Meaning]] = {
    "aula_pool_connections": Meaning(
        "Connections to the database that are in use, by pool of this process.", ("pool",)
    ),
    "aula_pool_connections_max": Meaning("Connections that a pool of this process may have.", ("pool",)),
    "aula_pool_waiting": Meaning("Deliveries that wait for a connection of the intake's pool."),
    "aula_breaker_state": Meaning("1 for the state of each circuit breaker of this process.", ("gateway", "state")),
    "aula_database_up": Meaning("1 when the numbers of the database were read; else they are missing here."),
}

# Those of which an alert watches the increase: it can be seen only of a series that is there before.
_WATCHED_OUTCOMES: Final = ("stored", "failed", "signature_invalid", "not_stored")

# Else each series has a second one with the time at which it began.
disable_created_metrics()

log = structlog.get_logger("metrics")


class Metrics:
    """What one process counts in memory. The values of labels are bounded: templates of routes, not paths."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(*_described("aula_http_requests_total"), registry=self.registry)
        self._seconds = Histogram(*_described("aula_http_request_seconds"), buckets=_BUCKETS, registry=self.registry)
        self._deliveries = Counter(*_described("aula_webhook_deliveries_total"), registry=self.registry)
        for outcome in _WATCHED_OUTCOMES:
            self._deliveries.labels(outcome)

    def count_request(self, scope: Scope, status: int | None, seconds: float) -> None:
        """Count a request that has ended; `status` is None when its client left before the answer."""
        route = getattr(scope.get("route"), "path", "none")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._requests.labels(route, method, f"{status // 100}xx" if status else "none").inc()
        self._seconds.labels(route, method).observe(seconds)

    def count_delivery(self, outcome: str) -> None:
        """Count a delivery: `stored`, or the code of its problem."""
        self._deliveries.labels(outcome).inc()


@dataclass(frozen=True, slots=True)
class Scraper:
    """Collects the numbers of one process. `own` is a connection that requests do not share."""

    metrics: Metrics
    clock: Clock
    engine: Engine
    pool: AsyncPool
    own: sessionmaker[Session]

    def text(self) -> bytes:
        """The numbers in Prometheus's text format. Without the database, those of this process alone."""
        up, samples = self._read()
        own = [*_pools(self.engine, self.pool), *_breakers(), Sample("aula_database_up", (), float(up))]
        families = [*_families(PROCESS_GAUGES, own), *_families(GAUGES, samples)]
        return generate_latest(_Collected([*self.metrics.registry.collect(), *families]))

    def _read(self) -> tuple[bool, Sequence[Sample]]:
        try:
            with self.own.begin() as session:
                return True, read(session, self.clock())
        except SQLAlchemyError as error:
            log.warning("numbers not read", error=type(error).__name__)
            return False, ()


@dataclass(frozen=True, slots=True)
class _Collected(Collector):
    families: Sequence[Metric]

    def collect(self) -> Iterable[Metric]:
        return self.families


def _described(name: str) -> tuple[str, str, tuple[str, ...]]:
    return name, COUNTED[name].text, COUNTED[name].labels


def _families(gauges: Mapping[str, Meaning], samples: Sequence[Sample]) -> Iterator[Metric]:
    for name, gauge in gauges.items():
        family = GaugeMetricFamily(name, gauge.text, labels=gauge.labels)
        for sample in samples:
            if sample.name == name:
                family.add_metric(sample.labels, sample.value)
        yield family


def _pools(engine: Engine, pool: AsyncPool) -> Iterator[Sample]:
    requests, stats = cast("QueuePool", engine.pool), pool.get_stats()
    yield Sample("aula_pool_connections", ("requests",), requests.checkedout())
    yield Sample("aula_pool_connections_max", ("requests",), requests.size())
    yield Sample("aula_pool_connections", ("intake",), stats["pool_size"] - stats["pool_available"])
    yield Sample("aula_pool_connections_max", ("intake",), stats["pool_max"])
    yield Sample("aula_pool_waiting", (), stats["requests_waiting"])


def _breakers() -> Iterator[Sample]:
    for gateway, now in breaker_states().items():
        for state in get_args(BreakerState):
            yield Sample("aula_breaker_state", (gateway, state), float(now == state))
