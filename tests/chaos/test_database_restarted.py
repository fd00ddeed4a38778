"""PostgreSQL is restarted with an immediate shutdown, under load."""

import threading

from sqlalchemy.exc import DBAPIError

from tests.chaos.accounting import check_all_fulfilled
from tests.chaos.deployment import Deployment
from tests.chaos.purchases import place_purchases, store_paid_events
from tests.chaos.timeouts import TIMEOUT
from tests.support.purchases import Purchase
from tests.support.waiting import wait_until

_ENROLLMENTS = "select count(*) from app.enrollments"


def test_an_immediate_restart_of_the_database_loses_and_repeats_no_purchase(deployment: Deployment) -> None:
    deployment.start_relay(AULA_BATCH_SIZE="5")
    deployment.start_worker()
    deployment.start_beat()
    purchases = place_purchases(deployment, 45)
    sender = threading.Thread(target=_store_one_by_one, args=(deployment, purchases))
    sender.start()
    for expected in (5, 20):
        wait_until(lambda: deployment.count(_ENROLLMENTS) >= expected, "work is in flight", TIMEOUT)  # noqa: B023 - called at once
        deployment.services.postgres.restart(immediate=True)
    sender.join()
    deployment.drain()
    check_all_fulfilled(deployment, purchases)


def _store_one_by_one(deployment: Deployment, purchases: list[Purchase]) -> None:
    """Store each event; when the database is down, try again, as Stripe does."""
    for purchase in purchases:
        wait_until(lambda: _is_stored(deployment, purchase), "the event is stored", TIMEOUT)  # noqa: B023 - called at once


def _is_stored(deployment: Deployment, purchase: Purchase) -> bool:
    try:
        store_paid_events(deployment, [purchase])
    except DBAPIError:
        return False
    return True
