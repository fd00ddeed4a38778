"""The broker loses its data, or is killed."""

import signal

import pytest
from kombu import Connection, Queue

from tests.chaos.accounting import check_all_fulfilled
from tests.chaos.deployment import Deployment
from tests.chaos.purchases import paid_purchases
from tests.chaos.services import Services
from tests.chaos.timeouts import TIMEOUT
from tests.support.waiting import wait_until
from workers.app import app

# Emails being sent by a job that has not been released and claimed again since.
_SENDING = """
select count(*) from app.jobs j join app.mail_messages m on cast(m.id as text) = j.payload ->> 'mail_id'
where m.state = 'sending' and j.state = 'dispatched' and j.lease_version = 2
"""


def test_a_wiped_broker_loses_and_repeats_no_purchase(deployment: Deployment) -> None:
    purchases = paid_purchases(deployment, 40)
    deployment.start_relay(AULA_BATCH_SIZE="4")
    wait_until(deployment.queued_messages, "messages wait in the broker", TIMEOUT)
    deployment.services.wipe_broker()
    wait_until(
        lambda: deployment.logged("relay: the broker was empty"), "the relay sees that the broker is empty", TIMEOUT
    )
    deployment.start_worker()
    purchases += paid_purchases(deployment, 20)
    wait_until(lambda: deployment.count("select count(*) from app.enrollments"), "work is in flight again", TIMEOUT)
    deployment.services.wipe_broker()
    deployment.drain()
    assert check_all_fulfilled(deployment, purchases).duplicate_emails == 0


def test_a_killed_broker_loses_and_repeats_no_purchase(deployment: Deployment) -> None:
    deployment.start_relay(AULA_BATCH_SIZE="4")
    deployment.start_worker()
    purchases = paid_purchases(deployment, 40)
    wait_until(lambda: deployment.count("select count(*) from app.enrollments"), "work is in flight", TIMEOUT)
    deployment.services.valkey.kill()
    purchases += paid_purchases(deployment, 20)
    wait_until(
        lambda: deployment.logged("relay: the broker does not answer"), "the relay reports the broker as down", TIMEOUT
    )
    deployment.services.valkey.start()
    deployment.drain()
    assert check_all_fulfilled(deployment, purchases).duplicate_emails == 0


def test_a_worker_survives_a_broker_lost_between_receive_and_acknowledge(chaos_services: Services) -> None:
    connection = Connection(chaos_services.valkey.url(), transport_options=app.conf.broker_transport_options)
    received: list[object] = []

    def receive(_body: object, message: object) -> None:
        received.append(message)

    connection.Consumer(Queue("unacknowledged"), callbacks=[receive]).consume()
    # A worker has a second channel, for commands.
    connection.Consumer(Queue("commands"), channel=connection.channel()).consume()
    connection.Producer().publish({}, routing_key="unacknowledged")
    connection.drain_events(timeout=TIMEOUT)
    # Wait for the next message while the first is not acknowledged.
    with pytest.raises(TimeoutError):
        connection.drain_events(timeout=0.1)
    chaos_services.valkey.kill()
    try:
        # As Celery's consumer does when the broker is gone.
        connection.collect()
        connection.close()
    finally:
        chaos_services.valkey.start()
    assert len(received) == 1


def test_an_email_in_progress_when_the_broker_is_wiped_is_sent_once(deployment: Deployment) -> None:
    deployment.start_worker()
    deployment.services.mail.signal(signal.SIGSTOP)
    try:
        purchases = paid_purchases(deployment, 1)
        deployment.start_relay()
        wait_until(lambda: deployment.count(_SENDING), "an email is being sent", TIMEOUT)
        before = deployment.count(_SENDING)
        deployment.services.wipe_broker()
        wait_until(
            lambda: len(deployment.logged("relay: the broker was empty")) > 1, "the relay sees the second wipe", TIMEOUT
        )
        assert deployment.count(_SENDING) >= before
    finally:
        deployment.services.mail.signal(signal.SIGCONT)
    deployment.drain()
    assert check_all_fulfilled(deployment, purchases).duplicate_emails == 0
