"""The broker becomes a read-only replica for a while, as in a failover, or goes silent without closing connections."""

import redis

from tests.chaos.accounting import check_all_fulfilled
from tests.chaos.deployment import Deployment
from tests.chaos.purchases import paid_purchases
from tests.chaos.timeouts import TIMEOUT
from tests.support.silent_proxy import silent_proxy
from tests.support.waiting import wait_until

_ENROLLMENTS = "select count(*) from app.enrollments"
_DOWN = "relay: the broker does not answer"
# A port where nothing listens: the replica keeps its data, and refuses writes.
_NO_MASTER = ("127.0.0.1", "1")


def test_relay_and_worker_survive_a_broker_that_is_read_only_for_a_while(deployment: Deployment) -> None:
    worker, relay = deployment.start_worker(), deployment.start_relay(AULA_BATCH_SIZE="4")
    purchases = paid_purchases(deployment, 20)
    wait_until(lambda: deployment.count(_ENROLLMENTS), "work is in flight", TIMEOUT)
    with redis.from_url(deployment.redis_url) as broker:
        broker.execute_command("REPLICAOF", *_NO_MASTER)  # pyright: ignore[reportUnknownMemberType] - redis-py's own
        try:
            purchases += paid_purchases(deployment, 10)
            wait_until(lambda: deployment.logged(_DOWN), "the relay reports the broker as down", TIMEOUT)
            # The worker asks for a message each second, and is refused.
            wait_until(lambda: "ReadOnlyError" in worker.tail(200), "the worker is refused", TIMEOUT)
        finally:
            broker.execute_command("REPLICAOF", "NO", "ONE")  # pyright: ignore[reportUnknownMemberType] - as above
    deployment.drain()
    assert (worker.running, relay.running) == (True, True)
    assert check_all_fulfilled(deployment, purchases).duplicate_emails == 0


def test_relay_and_worker_leave_a_connection_to_the_broker_that_has_gone_silent(deployment: Deployment) -> None:
    with silent_proxy(deployment.redis_url) as proxy:
        worker = deployment.start_worker(AULA_REDIS_URL=proxy.url)
        relay = deployment.start_relay(AULA_REDIS_URL=proxy.url)
        purchases = paid_purchases(deployment, 10)
        wait_until(lambda: deployment.count(_ENROLLMENTS), "work is in flight", TIMEOUT)
        proxy.silence()
        purchases += paid_purchases(deployment, 10)
        deployment.drain()
    assert (worker.running, relay.running) == (True, True)
    check_all_fulfilled(deployment, purchases)
