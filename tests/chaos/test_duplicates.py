"""Messages and events that arrive more than once."""

from concurrent.futures import ThreadPoolExecutor

from tests.chaos.accounting import check_all_fulfilled
from tests.chaos.delivery_client import DeliveryClient
from tests.chaos.deployment import FAULTY_RELAY, Deployment
from tests.chaos.purchases import paid_purchases, place_purchases
from tests.chaos.timeouts import TIMEOUT
from tests.support.purchases import paid_event
from tests.support.waiting import wait_until

DELIVERIES = 20


def test_messages_published_three_times_take_effect_once(deployment: Deployment) -> None:
    deployment.start_relay(FAULTY_RELAY, CHAOS_REPEAT_MESSAGES="1", AULA_BATCH_SIZE="6")
    deployment.start_worker()
    deployment.start_worker()
    purchases = paid_purchases(deployment, 36)
    deployment.drain()
    # The last copies arrive when all jobs are finished.
    wait_until(
        lambda: _copies(deployment, late=True) >= _copies(deployment, late=False),
        "the late copies are published",
        TIMEOUT,
    )
    assert _copies(deployment, late=False)
    wait_until(lambda: deployment.queued_messages() == 0, "the late copies are consumed", TIMEOUT)
    assert check_all_fulfilled(deployment, purchases).duplicate_emails == 0


def test_an_event_delivered_twenty_times_at_once_is_stored_once(deployment: Deployment) -> None:
    deployment.start_relay()
    deployment.start_worker()
    _, address = deployment.start_api()
    purchases = place_purchases(deployment, 12)
    with DeliveryClient(address) as client, ThreadPoolExecutor(DELIVERIES) as pool:
        for purchase in purchases:
            answers = list(pool.map(client.deliver_once, [paid_event(purchase)] * DELIVERIES))
            assert answers == [200] * DELIVERIES
    deployment.drain()
    assert deployment.count("select count(*) from app.webhook_events") == len(purchases)
    assert deployment.count("select min(deliveries) from app.webhook_events") == DELIVERIES
    assert check_all_fulfilled(deployment, purchases).duplicate_emails == 0


def _copies(deployment: Deployment, *, late: bool) -> set[tuple[object, object]]:
    published = deployment.logged("faulty relay: published again")
    return {(copy["batch"], copy["lease_version"]) for copy in published if copy["late"] is late}
