"""payments.reconcile, payments.ask_checkout and payments.close_checkout: outcomes that never came are asked for."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from celery.exceptions import Retry as CeleryRetry
from sqlalchemy.orm import Session, sessionmaker

from core.jobs.enqueue import enqueue
from core.messages import AskCheckout, CloseCheckout, ReconcilePayments
from core.payments.reconcile import ASK_AGAIN, BATCH, reconcile
from core.ports.errors import GatewayNotFound, GatewayUnavailable
from tasks import payments, runtime
from tasks.celery_status import JobsRunAgainError
from tests.support.fake_gateway import FakeGateway, fetched_session
from tests.support.jobs import claim_all, do, jobs, states, value
from tests.support.purchases import Purchase
from tests.support.webhook_harness import WebhookHarness, unpaid_event

ENDED = datetime(2026, 1, 1, tzinfo=UTC)
TASKS = {
    "payments.reconcile": payments.reconcile,
    "payments.ask_checkout": payments.ask_checkout,
    "payments.close_checkout": payments.close_checkout,
}
EXTERNAL = ("payments.ask_checkout", "payments.close_checkout")


@pytest.fixture
def gateway(in_process: pytest.MonkeyPatch) -> FakeGateway:
    fake = FakeGateway()
    in_process.setattr(runtime, "payments", lambda: fake)
    return fake


def overdue(webhooks: WebhookHarness, minutes: int = 6, state: str = "pending") -> Purchase:
    """An order whose checkout ended some minutes ago."""
    purchase = webhooks.place_order(state=state)
    ended = datetime.now(UTC) - timedelta(minutes=minutes)
    do(webhooks.sessions, "update app.checkouts set expires_at = :at where order_id = :id",
       at=ended, id=purchase.order_id)  # fmt: skip
    return purchase


def in_progress(webhooks: WebhookHarness, hours: int) -> Purchase:
    """An order whose bank debit has been in progress for some hours."""
    purchase = webhooks.place_order()
    webhooks.deliver(unpaid_event(purchase))
    begun = datetime.now(UTC) - timedelta(hours=hours)
    do(webhooks.sessions, "update app.payments set created_at = :at where order_id = :id",
       at=begun, id=purchase.order_id)  # fmt: skip
    return purchase


def asked(sessions: sessionmaker[Session], now: datetime | None = None) -> list[str]:
    """The sessions that one run asks about; their jobs are removed again."""
    with sessions.begin() as session:
        count = reconcile(session, now or datetime.now(UTC))
    found = [str(job.payload["session_id"]) for job in jobs(sessions, "payments.ask_checkout")]
    assert len(found) == count
    do(sessions, "delete from app.jobs where kind = 'payments.ask_checkout'")
    return found


def run(webhooks: WebhookHarness) -> None:
    """Run everything that is due, until nothing is."""
    while batches := claim_all(webhooks.sessions):
        for batch in batches:
            if batch.kind == "webhooks.process":
                webhooks.process(batch)
            elif batch.kind in TASKS:
                # What it raises is for Flower; the jobs tell what happened.
                with suppress(CeleryRetry, JobsRunAgainError):
                    TASKS[batch.kind].run(batch.to_wire())


def reconcile_and_run(webhooks: WebhookHarness) -> None:
    # Kinds with a limit are claimed in another way.
    do(webhooks.sessions, "update app.job_kinds set max_running = null where kind = 'payments.reconcile'")
    with webhooks.sessions.begin() as session:
        enqueue(session, ReconcilePayments())
    run(webhooks)


def outage(webhooks: WebhookHarness) -> None:
    """The provider is down for so long that each job is tried more often than it has attempts."""
    for _ in range(25):
        do(webhooks.sessions, "update app.jobs set run_at = now() where state = 'pending'")
        run(webhooks)
    assert {(job.state, job.attempts) for job in jobs(webhooks.sessions) if job.kind in EXTERNAL} == {("pending", 0)}


def order_states(webhooks: WebhookHarness, purchases: Sequence[Purchase]) -> list[object]:
    return [webhooks.order_state(purchase) for purchase in purchases]


def closed(webhooks: WebhookHarness, purchase: Purchase) -> object:
    return value(
        webhooks.sessions, "select closed_at is not null from app.checkouts where order_id = :id", id=purchase.order_id
    )


def test_a_payment_whose_webhook_never_came_is_found(webhooks: WebhookHarness, gateway: FakeGateway) -> None:
    purchase = overdue(webhooks, state="expired")
    gateway.answers[purchase.session_id] = fetched_session(purchase, "complete", "paid")
    reconcile_and_run(webhooks)
    assert webhooks.order_state(purchase) == "paid"
    assert [row[:2] for row in webhooks.payments(purchase)] == [(purchase.payment_id, "succeeded")]


def test_an_expired_checkout_is_closed_and_not_asked_about_again(
    webhooks: WebhookHarness, gateway: FakeGateway
) -> None:
    purchase = overdue(webhooks, state="expired")
    gateway.answers[purchase.session_id] = fetched_session(purchase, "expired")
    reconcile_and_run(webhooks)
    assert closed(webhooks, purchase) is True
    do(webhooks.sessions, "delete from app.jobs")
    assert asked(webhooks.sessions, datetime.now(UTC) + timedelta(days=1)) == []


def test_one_unreachable_session_does_not_stop_the_others(webhooks: WebhookHarness, gateway: FakeGateway) -> None:
    lost, first, second = (overdue(webhooks, minutes) for minutes in (30, 20, 10))
    gateway.answers[lost.session_id] = GatewayUnavailable("down")
    for purchase in (first, second):
        gateway.answers[purchase.session_id] = fetched_session(purchase, "complete", "paid")
    reconcile_and_run(webhooks)
    assert order_states(webhooks, [lost, first, second]) == ["pending", "paid", "paid"]
    assert sorted(states(webhooks.sessions, "payments.ask_checkout")) == ["pending", "succeeded", "succeeded"]


@pytest.mark.parametrize("state", ["processing", "pending"])
def test_a_payment_in_progress_is_asked_about_until_it_ends(
    webhooks: WebhookHarness, gateway: FakeGateway, state: str
) -> None:
    purchase = in_progress(webhooks, 7)
    gateway.answers[purchase.session_id] = fetched_session(purchase, "complete", payment_failed=state == "pending")
    reconcile_and_run(webhooks)
    assert webhooks.order_state(purchase) == state
    assert gateway.fetched == [purchase.session_id]


def test_only_overdue_outcomes_are_asked_for(webhooks: WebhookHarness) -> None:
    late, cancelled, debit = overdue(webhooks), overdue(webhooks, 5, "cancelled"), in_progress(webhooks, 7)
    overdue(webhooks, 4)
    in_progress(webhooks, 5)
    webhooks.place_order()
    assert set(asked(webhooks.sessions)) == {one.session_id for one in (late, cancelled, debit)}


def test_a_checkout_is_asked_about_once_an_hour(webhooks: WebhookHarness) -> None:
    expected = {overdue(webhooks).session_id, in_progress(webhooks, 7).session_id}
    now = datetime.now(UTC)
    runs = [
        asked(webhooks.sessions, now + after) for after in (timedelta(), ASK_AGAIN, ASK_AGAIN + timedelta(seconds=1))
    ]
    assert [set(one) for one in runs] == [expected, set(), expected]


def test_a_run_asks_about_a_bounded_number_oldest_first(webhooks: WebhookHarness) -> None:
    purchases = [overdue(webhooks, minutes) for minutes in range(10, 12 + BATCH)]
    oldest = [one.session_id for one in purchases[::-1]]
    assert set(asked(webhooks.sessions)) == set(oldest[:BATCH])
    assert set(asked(webhooks.sessions)) == set(oldest[BATCH:])


@pytest.mark.parametrize("state", ["paid", "fulfilled", "refunded", "disputed"])
def test_the_ended_checkout_of_a_paid_order_is_closed_without_a_question(webhooks: WebhookHarness, state: str) -> None:
    purchase, current = overdue(webhooks, state=state), webhooks.place_order(state=state)
    assert asked(webhooks.sessions) == []
    assert (closed(webhooks, purchase), closed(webhooks, current)) == (True, False)


def test_a_cancelled_orders_checkout_is_closed_after_the_provider_was_down(
    webhooks: WebhookHarness, gateway: FakeGateway
) -> None:
    purchase = webhooks.place_order(state="cancelled")
    gateway.answers[purchase.session_id] = fetched_session(purchase, "expired")
    gateway.fault = GatewayUnavailable("down")
    with webhooks.sessions.begin() as session:
        enqueue(session, CloseCheckout(session_id=purchase.session_id))
    outage(webhooks)
    assert (gateway.expired, closed(webhooks, purchase)) == ([], False)
    gateway.fault = None
    do(webhooks.sessions, "update app.jobs set run_at = now() where state = 'pending'")
    run(webhooks)
    assert (gateway.expired, closed(webhooks, purchase)) == ([purchase.session_id], True)
    assert webhooks.order_state(purchase) == "cancelled"


def test_a_payment_found_while_closing_opens_a_finding(webhooks: WebhookHarness, gateway: FakeGateway) -> None:
    purchase = webhooks.place_order(state="cancelled")
    gateway.answers[purchase.session_id] = fetched_session(purchase, "complete", "paid")
    with webhooks.sessions.begin() as session:
        enqueue(session, CloseCheckout(session_id=purchase.session_id))
    run(webhooks)
    assert webhooks.findings(purchase) == ["closed_order_paid"]


def test_a_question_survives_an_outage(webhooks: WebhookHarness, gateway: FakeGateway) -> None:
    purchase = overdue(webhooks, state="expired")
    gateway.answers[purchase.session_id] = fetched_session(purchase, "complete", "paid")
    gateway.fault = GatewayUnavailable("down")
    reconcile_and_run(webhooks)
    outage(webhooks)
    gateway.fault = None
    do(webhooks.sessions, "update app.jobs set run_at = now() where state = 'pending'")
    run(webhooks)
    assert webhooks.order_state(purchase) == "paid"


@pytest.mark.parametrize("closes", [False, True])
def test_a_session_that_the_provider_does_not_know_is_closed_here(
    webhooks: WebhookHarness,
    gateway: FakeGateway,
    closes: bool,  # noqa: FBT001 - a parameter
) -> None:
    purchase = overdue(webhooks, state="cancelled")
    gateway.answers[purchase.session_id] = GatewayNotFound("no such session")
    message = (CloseCheckout if closes else AskCheckout)(session_id=purchase.session_id)
    with webhooks.sessions.begin() as session:
        enqueue(session, message)
    run(webhooks)
    assert (states(webhooks.sessions, message.kind), closed(webhooks, purchase)) == (["succeeded"], True)
    do(webhooks.sessions, "delete from app.jobs")
    assert asked(webhooks.sessions, datetime.now(UTC) + timedelta(days=1)) == []
