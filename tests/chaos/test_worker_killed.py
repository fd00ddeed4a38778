"""A worker is killed with SIGKILL in the middle of a batch."""

import signal

from tests.chaos.accounting import check_all_fulfilled
from tests.chaos.blocking import blocked_child, locked_rows
from tests.chaos.deployment import Deployment
from tests.chaos.purchases import paid_purchases, place_purchases, store_paid_events
from tests.chaos.timeouts import TIMEOUT
from tests.support.waiting import wait_until

_LOCK_ORDER = "select id from app.orders where id = :id for update"
_LOST_ATTEMPTS = "select count(*) from app.job_attempts where error ~ 'lease ran out|WorkerLost'"


def _wait_for_lost_attempt(deployment: Deployment) -> None:
    # Keep the rows locked until then: a statement that gets its lock before the database notices the dead client
    # still commits.
    wait_until(lambda: deployment.count(_LOST_ATTEMPTS), "the lost attempt is recorded", TIMEOUT)


def test_a_killed_child_loses_and_repeats_no_purchase(deployment: Deployment) -> None:
    worker = deployment.start_worker()
    purchases = place_purchases(deployment, 36)
    with locked_rows(deployment, _LOCK_ORDER, id=purchases[-1].order_id) as holder:
        store_paid_events(deployment, purchases)
        deployment.start_relay()
        blocked_child(deployment, worker, holder).kill()
        _wait_for_lost_attempt(deployment)
    deployment.drain()
    assert check_all_fulfilled(deployment, purchases).duplicate_emails == 0


def test_a_worker_killed_with_its_children_loses_and_repeats_no_purchase(deployment: Deployment) -> None:
    worker = deployment.start_worker()
    purchases = place_purchases(deployment, 36)
    with locked_rows(deployment, _LOCK_ORDER, id=purchases[-1].order_id) as holder:
        store_paid_events(deployment, purchases)
        deployment.start_relay()
        blocked_child(deployment, worker, holder)
        worker.kill()
        _wait_for_lost_attempt(deployment)
    deployment.start_worker()
    deployment.drain()
    # The other child may have been sending emails: those are sent again with the same Message-ID.
    check_all_fulfilled(deployment, purchases)


def test_an_email_whose_sender_is_killed_before_the_commit_is_sent_again_with_the_same_message_id(
    deployment: Deployment,
) -> None:
    # SMTP has no idempotency key: the copy has the same Message-ID, and the database has one row.
    worker = deployment.start_worker()
    deployment.services.mail.signal(signal.SIGSTOP)
    try:
        purchases = paid_purchases(deployment, 1)
        deployment.start_relay()
        sending = "select count(*) from app.mail_messages where state = 'sending'"
        wait_until(lambda: deployment.count(sending), "an email is being sent", TIMEOUT)
        with locked_rows(deployment, "select id from app.mail_messages where state = 'sending' for update") as holder:
            deployment.services.mail.signal(signal.SIGCONT)
            blocked_child(deployment, worker, holder).kill()
    finally:
        deployment.services.mail.signal(signal.SIGCONT)
    deployment.drain()
    assert check_all_fulfilled(deployment, purchases).duplicate_emails >= 1
