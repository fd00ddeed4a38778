"""The broker forgets everything, or dies."""

import signal

import pytest
from kombu import Connection, Queue

from tests.chaos.accounting import settled
from tests.chaos.house import House
from tests.chaos.patience import PATIENCE
from tests.chaos.shop import pay
from tests.chaos.site import Site
from tests.support.waiting import wait_until
from workers.app import app

# Mails whose sender was started once, and has not been called off since.
_UNDER_WAY = """
select count(*) from app.jobs j join app.mail_messages m on cast(m.id as text) = j.payload ->> 'mail_id'
where m.state = 'sending' and j.state = 'dispatched' and j.lease_version = 2
"""


def test_a_wiped_broker_costs_nothing(house: House) -> None:
    purchases = pay(house, 40)
    house.relay(AULA_BATCH_SIZE="4")
    wait_until(house.in_broker, "messages wait in the broker", PATIENCE)
    house.site.flush()
    wait_until(lambda: house.logged("relay: the broker was empty"), "the relay sees that the broker is empty", PATIENCE)
    house.worker()
    purchases += pay(house, 20)
    wait_until(lambda: house.count("select count(*) from app.enrollments"), "work is in flight again", PATIENCE)
    house.site.flush()
    house.drain()
    assert settled(house, purchases).copies == 0


def test_a_killed_broker_costs_nothing(house: House) -> None:
    house.relay(AULA_BATCH_SIZE="4")
    house.worker()
    purchases = pay(house, 40)
    wait_until(lambda: house.count("select count(*) from app.enrollments"), "work is in flight", PATIENCE)
    house.site.valkey.kill()
    purchases += pay(house, 20)
    wait_until(lambda: house.logged("relay: the broker does not answer"), "the relay misses the broker", PATIENCE)
    house.site.valkey.start()
    house.drain()
    assert settled(house, purchases).copies == 0


def test_a_worker_outlives_a_broker_lost_between_receiving_and_acknowledging(site: Site) -> None:
    connection = Connection(site.valkey.url(), transport_options=app.conf.broker_transport_options)
    received: list[object] = []

    def keep(_body: object, message: object) -> None:
        received.append(message)

    connection.Consumer(Queue("half-done"), callbacks=[keep]).consume()
    # A worker has a second channel, for commands.
    connection.Consumer(Queue("commands"), channel=connection.channel()).consume()
    connection.Producer().publish({}, routing_key="half-done")
    connection.drain_events(timeout=PATIENCE)
    # Back to waiting for the next message, with the first one still in hand.
    with pytest.raises(TimeoutError):
        connection.drain_events(timeout=0.1)
    site.valkey.kill()
    try:
        # As Celery's consumer does when the broker is gone.
        connection.collect()
        connection.close()
    finally:
        site.valkey.start()
    assert len(received) == 1


def test_a_mail_under_way_when_the_broker_is_wiped_is_sent_once(house: House) -> None:
    house.worker()
    house.site.mail.signal(signal.SIGSTOP)
    try:
        purchases = pay(house, 1)
        house.relay()
        wait_until(lambda: house.count(_UNDER_WAY), "a mail is being sent", PATIENCE)
        before = house.count(_UNDER_WAY)
        house.site.flush()
        wait_until(lambda: len(house.logged("relay: the broker was empty")) > 1, "the relay sees it", PATIENCE)
        assert house.count(_UNDER_WAY) >= before
    finally:
        house.site.mail.signal(signal.SIGCONT)
    house.drain()
    assert settled(house, purchases).copies == 0
