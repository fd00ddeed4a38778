"""A job that kills the process that runs it."""

from sqlalchemy import text

from core.webhooks.parse import read_stripe_event
from tests.chaos.accounting import account
from tests.chaos.house import House
from tests.chaos.patience import PATIENCE
from tests.chaos.shop import buy
from tests.support.purchases import paid_event
from tests.support.stored_events import store
from tests.support.waiting import wait_until

CAP = 3
POISON = "evt_poison"


def test_a_job_that_kills_its_process_ends_dead_and_harms_nobody(house: House) -> None:
    purchases = buy(house, 31)
    deadly = purchases.pop()
    bodies = [paid_event(purchase) for purchase in purchases]
    bodies.insert(len(bodies) // 2, paid_event(deadly, event_id=POISON))
    with house.sessions.begin() as session:
        store(session, [read_stripe_event(body) for body in bodies])
        session.execute(text("update app.jobs set max_attempts = :cap"), {"cap": CAP})
    house.relay()
    house.worker("tests.chaos.stagehands.deadly_worker", CHAOS_POISON=POISON)
    wait_until(
        lambda: house.count("select count(*) from app.jobs where state = 'dead'"), "the job is given up", PATIENCE
    )
    house.drain()

    with house.sessions() as session:
        dead = session.execute(
            text("""
                select e.event_id, e.state, j.attempts, j.isolated, o.state
                from app.jobs j join app.webhook_events e on cast(e.id as text) = j.payload ->> 'event_id'
                join app.orders o on o.id = :order
                where j.state = 'dead'
            """),
            {"order": deadly.order_id},
        ).all()
    assert [tuple(row) for row in dead] == [(POISON, "dead", CAP, True, "pending")]
    found = account(house, purchases)
    assert (list(found.faults), found.copies) == (["1 jobs webhooks.process are dead"], 0)
