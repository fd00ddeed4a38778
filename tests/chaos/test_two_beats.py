"""Two beats run, one is killed, then the other."""

from datetime import timedelta

from sqlalchemy import text

from core.jobs.schedules import SCHEDULES
from tests.chaos.accounting import check_all_fulfilled
from tests.chaos.deployment import PAUSED, Deployment
from tests.chaos.purchases import paid_purchases
from tests.chaos.timeouts import TIMEOUT
from tests.support.waiting import wait_until

INTERVAL = timedelta(seconds=1)
_TICKS = "select count(*) from app.jobs where schedule = 'orders-expire'"


def test_schedules_tick_once_with_two_beats_with_one_and_with_none(deployment: Deployment) -> None:
    deployment.start_relay()
    deployment.start_worker()
    first, second = deployment.start_beat(), deployment.start_beat()
    purchases = paid_purchases(deployment, 30)
    wait_until(lambda: deployment.logged("beat: due"), "a beat ticks", TIMEOUT)
    _wait_for_ticks(deployment, 3)
    first.kill()
    _wait_for_ticks(deployment, 2)
    second.kill()
    # Without a beat the relay ticks.
    _wait_for_ticks(deployment, 1)
    deployment.drain()

    with deployment.sessions() as session:
        ticks = session.execute(
            text("select schedule, due_at, count(*) from app.jobs where schedule is not null group by 1, 2")
        ).all()
    assert all(count == 1 for _, _, count in ticks)
    always_due = {one.name for one in SCHEDULES if one.has_work is None}
    assert {schedule for schedule, _, _ in ticks} >= always_due - set(PAUSED)
    check_all_fulfilled(deployment, purchases)


def _shorten_intervals(deployment: Deployment) -> None:
    """Each process that starts installs the intervals of the release, so this is repeated."""
    with deployment.sessions.begin() as session:
        session.execute(
            text("update app.schedules set every = :every, next_due_at = now() where every <> :every"),
            {"every": INTERVAL},
        )


def _wait_for_ticks(deployment: Deployment, number: int) -> None:
    expected = deployment.count(_TICKS) + number

    def ticked() -> bool:
        _shorten_intervals(deployment)
        return deployment.count(_TICKS) >= expected

    wait_until(ticked, f"{number} more ticks", TIMEOUT)
