"""SIGKILL for a relay between its claim and its publish."""

import signal

from tests.chaos.accounting import settled
from tests.chaos.house import House
from tests.chaos.shop import pay

STAGEHAND = "tests.chaos.stagehands.relay"


def test_what_a_relay_claimed_and_never_published_is_claimed_again(house: House) -> None:
    purchases = pay(house, 30)
    dying = house.relay(STAGEHAND, CHAOS_DIES_AT="2", AULA_BATCH_SIZE="10")

    assert dying.wait(60) == -signal.SIGKILL
    assert house.in_broker() == 1
    assert house.count("select count(*) from app.jobs where state = 'dispatched'") > 10

    house.worker()
    house.relay(AULA_BATCH_SIZE="10")
    house.drain()
    assert house.count("select count(*) from app.job_attempts where error like 'the lease ran out%'") > 0
    assert settled(house, purchases).copies == 0


def test_relays_that_keep_dying_make_way_for_the_next(house: House) -> None:
    purchases = pay(house, 30)
    house.worker()
    for die_at in ("1", "1", "3"):
        assert house.relay(STAGEHAND, CHAOS_DIES_AT=die_at).wait(60) == -signal.SIGKILL
    house.relay()
    house.drain()
    found = settled(house, purchases)
    # What was lost on the way was never run, and is not charged for it.
    assert (found.copies, found.most_failures <= 1) == (0, True)
