"""Messages and events that come more than once."""

from concurrent.futures import ThreadPoolExecutor

from tests.chaos.accounting import settled
from tests.chaos.courier import Courier
from tests.chaos.house import House
from tests.chaos.patience import PATIENCE
from tests.chaos.shop import buy, pay
from tests.chaos.test_relay_killed import STAGEHAND
from tests.support.purchases import paid_event
from tests.support.waiting import wait_until

TIMES = 20


def test_every_message_three_times_does_everything_once(house: House) -> None:
    house.relay(STAGEHAND, CHAOS_DOUBLES="1", AULA_BATCH_SIZE="6")
    house.worker()
    house.worker()
    purchases = pay(house, 36)
    house.drain()
    # The last copies come when all is done already.
    wait_until(lambda: _copies(house, late=True) >= _copies(house, late=False), "the late copies are sent", PATIENCE)
    assert _copies(house, late=False)
    wait_until(lambda: house.in_broker() == 0, "the late copies are taken", PATIENCE)
    assert settled(house, purchases).copies == 0


def test_an_event_delivered_twenty_times_at_once_is_one_event(house: House) -> None:
    house.relay()
    house.worker()
    _, address = house.door()
    purchases = buy(house, 12)
    with Courier(address) as courier, ThreadPoolExecutor(TIMES) as pool:
        for purchase in purchases:
            answers = list(pool.map(courier.deliver_once, [paid_event(purchase)] * TIMES))
            assert answers == [200] * TIMES
    house.drain()
    assert house.count("select count(*) from app.webhook_events") == len(purchases)
    assert house.count("select min(deliveries) from app.webhook_events") == TIMES
    assert settled(house, purchases).copies == 0


def _copies(house: House, *, late: bool) -> set[tuple[object, object]]:
    said = house.logged("stagehand: said again")
    return {(copy["batch"], copy["lease_version"]) for copy in said if copy["late"] is late}
