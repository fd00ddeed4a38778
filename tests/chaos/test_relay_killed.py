"""A relay is killed with SIGKILL between claim and publish."""

import signal

from tests.chaos.accounting import check_all_fulfilled
from tests.chaos.deployment import FAULTY_RELAY, Deployment
from tests.chaos.purchases import paid_purchases


def test_jobs_claimed_by_a_killed_relay_are_claimed_again(deployment: Deployment) -> None:
    purchases = paid_purchases(deployment, 30)
    dying = deployment.start_relay(FAULTY_RELAY, CHAOS_KILL_AT_PUBLISH="2", AULA_BATCH_SIZE="10")

    assert dying.wait(60) == -signal.SIGKILL
    assert deployment.queued_messages() == 1
    assert deployment.count("select count(*) from app.jobs where state = 'dispatched'") > 10

    deployment.start_worker()
    deployment.start_relay(AULA_BATCH_SIZE="10")
    deployment.drain()
    assert deployment.count("select count(*) from app.job_attempts where error like 'the lease ran out%'") > 0
    assert check_all_fulfilled(deployment, purchases).duplicate_emails == 0


def test_a_relay_takes_over_from_killed_relays(deployment: Deployment) -> None:
    purchases = paid_purchases(deployment, 30)
    deployment.start_worker()
    for publish in ("1", "1", "3"):
        assert deployment.start_relay(FAULTY_RELAY, CHAOS_KILL_AT_PUBLISH=publish).wait(60) == -signal.SIGKILL
    deployment.start_relay()
    deployment.drain()
    report = check_all_fulfilled(deployment, purchases)
    # A lost message was never run, so it does not count as an attempt.
    assert (report.duplicate_emails, report.most_attempts <= 1) == (0, True)
