"""The broker forgets everything, or dies."""

import signal

from tests.chaos.accounting import settled
from tests.chaos.house import House
from tests.chaos.patience import PATIENCE
from tests.chaos.shop import pay
from tests.waiting import wait_until

# Mails whose sender was started once, and has not been called off since.
_UNDER_WAY = """
select count(*) from app.jobs j join app.mail_messages m on cast(m.id as text) = j.payload ->> 'mail_id'
where m.status = 'sending' and j.state = 'dispatched' and j.attempt = 2
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
