"""No worker runs for longer than a lease."""

from tests.chaos.accounting import check_all_fulfilled
from tests.chaos.deployment import LEASE_SECONDS, Deployment
from tests.chaos.purchases import paid_purchases
from tests.chaos.timeouts import TIMEOUT
from tests.support.waiting import wait_until
from workers.chores.watch_broker import SATURATED_ABOVE


def test_the_relay_stops_publishing_while_no_worker_runs(deployment: Deployment) -> None:
    # Without the limit, expired leases would fill the broker with stale messages and delay new jobs.
    purchases = paid_purchases(deployment, 48)
    deployment.start_relay(AULA_BATCH_SIZE="1")
    stored_before = (
        "select count(*) from app.webhook_events where received_at < now() - make_interval(secs => :seconds)"
    )
    wait_until(lambda: deployment.count(stored_before, seconds=5 * LEASE_SECONDS), "several leases run out", TIMEOUT)
    assert SATURATED_ABOVE < deployment.queued_messages() <= 2 * SATURATED_ABOVE * 2
    deployment.start_worker()
    deployment.drain()
    report = check_all_fulfilled(deployment, purchases)
    assert (report.duplicate_emails, report.most_attempts <= 1) == (0, True)
