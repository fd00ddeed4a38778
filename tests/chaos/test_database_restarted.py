"""PostgreSQL is restarted without an orderly end, under load."""

import threading

from sqlalchemy.exc import DBAPIError

from tests.chaos.accounting import settled
from tests.chaos.house import House
from tests.chaos.patience import PATIENCE
from tests.chaos.shop import buy, tell
from tests.support.purchases import Purchase
from tests.support.waiting import wait_until


def test_an_immediate_restart_costs_nothing(house: House) -> None:
    house.relay(AULA_BATCH_SIZE="5")
    house.worker()
    house.beat()
    purchases = buy(house, 45)
    teller = threading.Thread(target=_tell_all, args=(house, purchases))
    teller.start()
    for enough in (5, 20):
        wait_until(lambda: house.count("select count(*) from app.enrollments") >= enough, "work is in flight", PATIENCE)  # noqa: B023 - asked at once
        house.site.postgres.restart(immediate=True)
    teller.join()
    house.drain()
    settled(house, purchases)


def _tell_all(house: House, purchases: list[Purchase]) -> None:
    """One after another; who is told that the database is gone comes again, as Stripe does."""
    for purchase in purchases:
        wait_until(lambda: _told(house, purchase), "the event is stored", PATIENCE)  # noqa: B023 - asked at once


def _told(house: House, purchase: Purchase) -> bool:
    try:
        tell(house, [purchase])
    except DBAPIError:
        return False
    return True
