"""All workers are gone for longer than a lease lasts."""

from tests.chaos.accounting import settled
from tests.chaos.house import LEASE, House
from tests.chaos.patience import PATIENCE
from tests.chaos.shop import pay
from tests.support.waiting import wait_until
from workers.relay import SATURATED_ABOVE


def test_the_broker_is_not_filled_with_messages_that_nobody_takes(house: House) -> None:
    # Sent again after every lease, they would keep the workers that come back from what is new.
    purchases = pay(house, 48)
    house.relay(AULA_BATCH_SIZE="1")
    waited = "select count(*) from app.webhook_events where received_at < now() - make_interval(secs => :seconds)"
    wait_until(lambda: house.count(waited, seconds=5 * LEASE), "several leases run out", PATIENCE)
    assert SATURATED_ABOVE < house.in_broker() <= 2 * SATURATED_ABOVE * 2
    house.worker()
    house.drain()
    found = settled(house, purchases)
    assert (found.copies, found.most_failures <= 1) == (0, True)
