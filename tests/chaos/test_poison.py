"""A job that kills its worker process at every attempt."""

from sqlalchemy import text

from core.webhooks.parse import read_stripe_event
from tests.chaos.accounting import account_for
from tests.chaos.deployment import FAULTY_WORKER, Deployment
from tests.chaos.purchases import place_purchases
from tests.chaos.timeouts import TIMEOUT
from tests.support.purchases import paid_event
from tests.support.stored_events import store
from tests.support.waiting import wait_until

MAX_ATTEMPTS = 3
POISON_EVENT = "evt_poison"


def test_a_job_that_kills_its_process_ends_dead_and_all_other_jobs_succeed(deployment: Deployment) -> None:
    purchases = place_purchases(deployment, 31)
    poisonous = purchases.pop()
    bodies = [paid_event(purchase) for purchase in purchases]
    bodies.insert(len(bodies) // 2, paid_event(poisonous, event_id=POISON_EVENT))
    with deployment.sessions.begin() as session:
        store(session, [read_stripe_event(body) for body in bodies])
        session.execute(text("update app.jobs set max_attempts = :max_attempts"), {"max_attempts": MAX_ATTEMPTS})
    deployment.start_relay()
    deployment.start_worker(FAULTY_WORKER, CHAOS_POISON_EVENT=POISON_EVENT)
    wait_until(
        lambda: deployment.count("select count(*) from app.jobs where state = 'dead'"), "the job is dead", TIMEOUT
    )
    deployment.drain()

    with deployment.sessions() as session:
        dead = session.execute(
            text("""
                select e.event_id, e.state, j.attempts, j.isolated, o.state
                from app.jobs j join app.webhook_events e on cast(e.id as text) = j.payload ->> 'event_id'
                join app.orders o on o.id = :order
                where j.state = 'dead'
            """),
            {"order": poisonous.order_id},
        ).all()
    assert [tuple(row) for row in dead] == [(POISON_EVENT, "dead", MAX_ATTEMPTS, True, "pending")]
    report = account_for(deployment, purchases)
    assert (list(report.discrepancies), report.duplicate_emails) == (["1 jobs webhooks.process are dead"], 0)
