"""A job that kills its worker process at every attempt.

`make chaos` sets AULA_CHAOS=long: it is one of 10,000, and their drain is compared with one without it.
"""

import os
import sys
from time import monotonic

from sqlalchemy import text

from core.jobs.isolation import MAX_DEATHS
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
LONG = os.environ.get("AULA_CHAOS") == "long"
GOOD = 10_000 if LONG else 600
# Of the drain without the poisonous job.
LEAST_RATE = 0.9
# A batch of 500, one of 64 and one of 8 die with it before it runs alone.
DEATHS_IN_BATCHES = 3
_PROCESSED = "select count(*) from app.webhook_events where state = 'processed'"


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


def test_one_poisonous_job_among_many_costs_few_processes_and_little_time(deployment: Deployment) -> None:
    deployment.start_worker(FAULTY_WORKER, CHAOS_POISON_EVENT=POISON_EVENT)
    with deployment.sessions.begin() as session:
        paused = "update app.job_kinds set paused_at = now(), pause_reason = 'x' where kind <> 'webhooks.process'"
        session.execute(text(paused))
    deployment.start_relay()
    without = _drain_seconds(deployment, poisonous=False)
    with_poison = _drain_seconds(deployment, poisonous=True)
    dead = "select count(*) from app.jobs where state = 'dead'"
    wait_until(lambda: deployment.count(dead), "the job is dead", TIMEOUT)
    deaths = len(deployment.logged("worker process lost"))
    attempts, most = _attempts_and_losses(deployment)
    sys.stdout.write(
        f"\n{GOOD} jobs processed in {without:.1f} s without, {with_poison:.1f} s with a poisonous one: "
        f"{without / with_poison:.2f} of the rate; it killed {deaths} processes\n"
    )
    assert attempts == MAX_DEATHS
    assert MAX_DEATHS < deaths <= DEATHS_IN_BATCHES + MAX_DEATHS
    # None of the others ran alone.
    assert most <= DEATHS_IN_BATCHES
    if LONG:
        assert without / with_poison >= LEAST_RATE


def _drain_seconds(deployment: Deployment, *, poisonous: bool) -> float:
    """Seconds from the storing of `GOOD` events until the last of them is processed."""
    purchases = place_purchases(deployment, GOOD)
    bodies = [paid_event(purchase) for purchase in purchases]
    if poisonous:
        bodies.insert(len(bodies) // 2, paid_event(purchases[0], event_id=POISON_EVENT))
    events = [read_stripe_event(body) for body in bodies]
    expected = deployment.count(_PROCESSED) + GOOD
    began = monotonic()
    with deployment.sessions.begin() as session:
        store(session, events)
    wait_until(lambda: deployment.count(_PROCESSED) >= expected, "all others are processed", 4 * TIMEOUT)
    return monotonic() - began


def _attempts_and_losses(deployment: Deployment) -> tuple[int, ...]:
    """The attempts of the dead job, and how often any other lost its process at most."""
    statement = text("""
        with killed as (
            select job_id, count(*) as times from app.job_attempts where error like 'WorkerLost%' group by job_id
        )
        select j.attempts, (select max(times) from killed where job_id <> j.id)
        from app.jobs j where j.state = 'dead'
    """)
    with deployment.sessions() as session:
        return tuple(session.execute(statement).one())
