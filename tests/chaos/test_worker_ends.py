"""A worker is told to end while messages wait in it that no child has started."""

from sqlalchemy import text

from tests.chaos.accounting import check_all_fulfilled
from tests.chaos.deployment import Deployment
from tests.chaos.purchases import place_purchases, store_paid_events
from tests.chaos.timeouts import TIMEOUT
from tests.support.waiting import wait_until

_LOCK_ORDER = "select id from app.orders where id = :id for update"
_HANDED_BACK = "worker: messages handed back"
_BLOCKED = """
select count(*) from pg_stat_activity
where datname = current_database() and wait_event_type = 'Lock' and backend_type = 'client backend'
"""
# Seconds of a lease that no job of this test may wait for.
_LONG = "600"
_RAN_OUT = "select count(*) from app.job_attempts where error like 'the lease ran out%'"


def test_a_worker_that_is_told_to_end_hands_back_the_messages_that_it_has_not_started(
    deployment: Deployment,
) -> None:
    worker = deployment.start_worker(AULA_LEASE_SECONDS=_LONG)
    purchases = place_purchases(deployment, 12)
    with deployment.sessions() as holder:
        # Both children wait for a lock, and further messages wait in the worker.
        for purchase in purchases:
            holder.execute(text(_LOCK_ORDER), {"id": purchase.order_id})
        store_paid_events(deployment, purchases)
        deployment.start_relay(AULA_LEASE_SECONDS=_LONG, AULA_BATCH_SIZE="1")
        wait_until(lambda: deployment.count(_BLOCKED) >= 2, "both children wait", TIMEOUT)
        tree = worker.ask_to_end()
        wait_until(lambda: deployment.logged(_HANDED_BACK), "messages are handed back", TIMEOUT)
        holder.rollback()
    worker.finish(tree)
    assert worker.returncode == 0
    deployment.start_worker(AULA_LEASE_SECONDS=_LONG)
    deployment.drain()
    assert deployment.count(_RAN_OUT) == 0
    assert check_all_fulfilled(deployment, purchases).duplicate_emails == 0
