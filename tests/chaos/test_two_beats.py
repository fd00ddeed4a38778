"""Two beats at once, one of them killed, then none."""

from datetime import timedelta

from sqlalchemy import text

from tests.chaos.accounting import settled
from tests.chaos.house import House
from tests.chaos.patience import PATIENCE
from tests.chaos.shop import pay
from tests.support.waiting import wait_until

EVERY = timedelta(seconds=1)
_TICKS = "select count(*) from app.jobs where schedule = 'audit-seal'"


def test_two_beats_tick_as_one_and_one_goes_on_alone(house: House) -> None:
    house.relay()
    house.worker()
    first, second = house.beat(), house.beat()
    purchases = pay(house, 30)
    wait_until(lambda: house.logged("beat: due"), "a beat ticks", PATIENCE)
    _hurry(house)
    _ticks(house, 3)
    first.kill()
    _hurry(house)
    _ticks(house, 2)
    second.kill()
    # The relay ticks when no beat has.
    _ticks(house, 1)
    house.drain()

    with house.sessions() as session:
        ticks = session.execute(
            text("select schedule, due_at, count(*) from app.jobs where schedule is not null group by 1, 2")
        ).all()
        every = dict(session.execute(text("select name, every from app.schedules")).all())
    assert all(number == 1 for _, _, number in ticks)
    assert {schedule for schedule, _, _ in ticks} == set(every)
    settled(house, purchases)


def _hurry(house: House) -> None:
    """Each start of a process writes the schedules as they are released; the test's are faster."""
    with house.sessions.begin() as session:
        session.execute(text("update app.schedules set every = :every, next_due_at = now()"), {"every": EVERY})


def _ticks(house: House, more: int) -> None:
    enough = house.count(_TICKS) + more
    wait_until(lambda: house.count(_TICKS) >= enough, f"{more} more ticks", PATIENCE)
