"""A fault each second while a backlog is drained: how much is done meanwhile, and how soon the usual rate is back.

`make test` runs a short form, which asserts only that nothing is lost; `make chaos` sets AULA_CHAOS=long: 30,000
purchases waiting and 60 faults. AULA_CHAOS_FAULTS sets another number.
"""

import os
import random
import sys
from collections.abc import Iterator
from time import monotonic

import pytest
from sqlalchemy import text

from core.messages import FulfilOrder, GrantEnrollment, ProcessWebhook
from tests.chaos.conftest import next_broker_database
from tests.chaos.deployment import Deployment
from tests.chaos.faults import KILLED_BEFORE_PUBLISH, LASTING, FaultInjector
from tests.chaos.goodput import Goodput
from tests.chaos.services import Services
from tests.chaos.timeouts import TIMEOUT
from tests.support.databases import fresh_database
from tests.support.waiting import wait_until

LONG = os.environ.get("AULA_CHAOS") == "long"
BACKLOG, UNDISTURBED = (30_000, 15.0) if LONG else (1_000, 2.0)
FAULTS = int(os.environ.get("AULA_CHAOS_FAULTS", "60" if LONG else "2"))
SEED = int(os.environ.get("AULA_CHAOS_SEED", "1"))
LEASE_SECONDS = 10
_STEP = 3.0
# Seconds after the last fault.
QUIET, BACK_WITHIN, WINDOW = (40.0, 10.0, 3.0) if LONG else (6.0, 10.0, 2.0)
UNDER_FIRE, BACK_TO = 1 / 3, 0.8

_ONCE = text("""
select (select count(*) from app.orders where state = 'fulfilled'),
       (select count(distinct order_id) from app.payments where state = 'succeeded'),
       (select count(*) from app.payments),
       (select count(*) from app.enrollments where state = 'active'),
       (select count(*) from app.mail_messages where template = 'receipt'),
       (select count(*) from app.audit_events where tag = 'orders:order:fulfilled')
""")


@pytest.fixture
def patient_deployment(chaos_services: Services, request: pytest.FixtureRequest) -> Iterator[Deployment]:
    """A deployment whose leases are longer than its batches take on a busy machine.

    No emails are sent, and no housekeeping reads what is stored: both would take most of the machine.
    """
    services = chaos_services
    with fresh_database(services.postgres.url(), "chaos", template=services.template) as url:
        broker_url = services.valkey.url(next_broker_database())
        started = Deployment(services, str(request.node.name), url, broker_url, LEASE_SECONDS)
        with started.sessions.begin() as session:
            paused = "update app.job_kinds set paused_at = now(), pause_reason = 'x' where kind = 'mail.send'"
            session.execute(text(paused))
            session.execute(text("update app.schedules set paused_at = now() where name <> 'audit-seal'"))
        try:
            yield started
        finally:
            started.close()


@pytest.mark.timeout(1800 if LONG else 300)
def test_faults_cost_little_of_the_rate(patient_deployment: Deployment) -> None:
    deployment = patient_deployment
    rng = random.Random(SEED)  # noqa: S311 - reproducible, not secret
    goodput = Goodput(deployment, BACKLOG)
    goodput.add(BACKLOG)
    with deployment.sessions() as session:
        # The server's own recovery reads what was written since then, and is not what is measured.
        session.execute(text("checkpoint"))
    injector = FaultInjector(deployment, rng, in_step=False)
    with goodput:
        wait_until(lambda: goodput.samples and goodput.samples[-1].fulfilled, "the first are fulfilled", TIMEOUT)
        began = monotonic()
        _pass(UNDISTURBED)
        fire = monotonic()
        for number, kind in enumerate(_draw(injector), 1):
            injector.inject(kind)
            _pass(fire + number - monotonic())
        last = monotonic()
        injector.wait_until_awake()
        _pass(last + QUIET - monotonic())
        goodput.feeds = False
        usual = goodput.rate(began, fire)
        under_fire = goodput.rate_without(injector.servers_down, fire, last)
        back = goodput.recovered_after(last, BACK_TO * usual, WINDOW)
    _drain(deployment)
    _print(injector, goodput, usual, under_fire, back, last - fire)
    with deployment.sessions() as session:
        assert set(session.execute(_ONCE).one()) == {goodput.placed}
    assert not deployment.printed("EMERGENCY DUMP")
    if LONG:
        assert not goodput.ran_out_in_queue
        assert under_fire >= UNDER_FIRE * usual
        assert back is not None
        assert back <= BACK_WITHIN


def _draw(injector: FaultInjector) -> list[str]:
    """Each fault that lasts for many seconds once, spread over the time; the others at random.

    One kind is left out: its injection waits for the relay to be killed.
    """
    kinds = injector.draw(FAULTS, leave_out=(KILLED_BEFORE_PUBLISH, *LASTING))
    if LONG:
        for number, kind in enumerate(LASTING, 1):
            kinds[number * FAULTS // (len(LASTING) + 1)] = kind
    return kinds


def _pass(seconds: float) -> None:
    """Time is the measure here: there is no condition to wait for."""
    until = monotonic() + seconds
    wait_until(lambda: monotonic() >= until, "time passes", max(0.0, seconds) + 1)


def _drain(deployment: Deployment) -> None:
    unfinished = "select count(*) from app.jobs where state in ('pending', 'dispatched') and kind = any (:kinds)"
    kinds = [ProcessWebhook.kind, FulfilOrder.kind, GrantEnrollment.kind]
    wait_until(lambda: not deployment.count(unfinished, kinds=kinds), "all jobs finished", 4 * TIMEOUT)


def _print(
    injector: FaultInjector, goodput: Goodput, usual: float, under_fire: float, back: float | None, seconds: float
) -> None:
    lines = [
        f"seed {SEED}, {injector.injected.total()} faults in {seconds:.0f} s: "
        + ", ".join(f"{kind} {count}" for kind, count in sorted(injector.injected.items())),
        f"purchases, each fulfilled once: {goodput.placed}",
        f"servers down, s: {[round(ended - began) for began, ended in injector.servers_down]}",
        f"a second, undisturbed: {usual:.0f}",
        f"under fire, while both servers were up: {under_fire:.0f} ({under_fire / max(usual, 1):.2f})",
        f"a second, in steps of {_STEP:.0f} s: {goodput.timeline(_STEP)}",
        f"longest time without one fulfilled: {goodput.slowest(0.0):.1f} s",
        f"back at {BACK_TO} of the rate after the last fault: {'never' if back is None else f'{back:.1f} s'}",
        f"leases that ran out while their message stood in a queue: {len(goodput.ran_out_in_queue)}",
    ]
    sys.stdout.write("\n" + "\n".join(lines) + "\n")
