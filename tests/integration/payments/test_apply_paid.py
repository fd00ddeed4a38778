"""What a successful payment does to its order."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.messages import FulfilOrder
from core.webhooks.new_event import NewEvent
from tests.support.jobs import do, jobs, states, value
from tests.support.waiting import wait_until
from tests.support.webhook_harness import WebhookHarness, make_event, succeeded_event

OTHER = "pi_other"
WAITS = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


def test_a_paid_order_gets_a_fulfil_job(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    assert webhooks.deliver(make_event(purchase)) == ["processed: paid"]
    assert webhooks.order_state(purchase) == "paid"
    assert webhooks.payments(purchase) == [(purchase.payment_id, "succeeded", 49_900, "SEK")]
    assert webhooks.audit_tags(purchase.order_id) == ["stripe:order:paid"]
    (fulfil,) = jobs(webhooks.sessions, "orders.fulfil")
    assert FulfilOrder.read(fulfil.payload) == FulfilOrder(order_id=purchase.order_id)
    assert fulfil.profile_id is not None
    assert states(webhooks.sessions, "webhooks.process") == ["succeeded"]


def test_a_hundred_orders_are_paid_in_one_batch(webhooks: WebhookHarness) -> None:
    purchases = [webhooks.place_order() for _ in range(100)]
    assert webhooks.deliver(*map(make_event, purchases)) == ["processed: paid"] * 100
    assert {webhooks.order_state(purchase) for purchase in purchases} == {"paid"}
    assert webhooks.fulfil_jobs() == 100


def test_two_events_of_one_payment_in_one_batch_pay_once(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    assert webhooks.deliver(make_event(purchase), make_event(purchase)) == [
        "processed: paid",
        "processed: the same payment again",
    ]
    assert (webhooks.order_state(purchase), webhooks.fulfil_jobs(), len(webhooks.payments(purchase))) == (
        "paid",
        1,
        1,
    )
    assert webhooks.audit_tags(purchase.order_id) == ["stripe:order:paid"]


def test_three_events_of_one_order_in_one_batch_are_applied_by_time(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    late = make_event(purchase, payment_intent=OTHER, created=1_790_900_000)
    assert webhooks.deliver(
        late, make_event(purchase, created=1_790_800_000), make_event(purchase, created=1_790_800_001)
    ) == [
        "processed: second payment",
        "processed: paid",
        "processed: the same payment again",
    ]
    assert (webhooks.order_state(purchase), webhooks.fulfil_jobs()) == ("paid", 1)
    assert webhooks.findings(purchase) == ["second_payment"]
    assert states(webhooks.sessions, "webhooks.process") == ["succeeded"] * 3


@pytest.mark.parametrize(
    ("payment", "outcome", "findings"),
    [(None, "processed: the same payment again", []), (OTHER, "processed: second payment", ["second_payment"])],
)
def test_two_concurrent_batches_pay_one_order_once(
    webhooks: WebhookHarness, payment: str | None, outcome: str, findings: list[str]
) -> None:
    purchase = webhooks.place_order()
    first = make_event(purchase)
    second = make_event(purchase, payment_intent=payment) if payment else make_event(purchase)
    webhooks.store(first)
    one = webhooks.claim()
    webhooks.store(second)
    other = webhooks.claim()
    # Both wait for the order's row, then run one after the other.
    with ThreadPoolExecutor(2) as pool:
        with webhooks.sessions.begin() as holder:
            holder.connection().exec_driver_sql("select 1 from app.orders for update")
            running = [pool.submit(webhooks.process, one)]
            wait_until(lambda: value(webhooks.sessions, WAITS) == 1, "the first waits")
            running.append(pool.submit(webhooks.process, other))
            wait_until(lambda: value(webhooks.sessions, WAITS) == 2, "the second waits")
        for ended in running:
            ended.result(10)
    assert [webhooks.outcome(first), webhooks.outcome(second)] == ["processed: paid", outcome]
    assert (webhooks.order_state(purchase), webhooks.fulfil_jobs()) == ("paid", 1)
    assert webhooks.findings(purchase) == findings


def test_a_second_payment_opens_a_finding(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    webhooks.deliver(make_event(purchase))
    assert webhooks.deliver(make_event(purchase, payment_intent=OTHER)) == ["processed: second payment"]
    assert (webhooks.order_state(purchase), webhooks.findings(purchase)) == ("paid", ["second_payment"])
    assert [row[1] for row in webhooks.payments(purchase)] == ["succeeded", "succeeded"]
    assert webhooks.audit_tags(purchase.order_id) == ["stripe:order:paid"]
    assert value(webhooks.sessions, "select count(*) from app.audit_events where tag = 'findings:finding:opened'") == 1


def test_of_two_payments_in_one_batch_the_first_pays_and_the_second_is_a_finding(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    assert webhooks.deliver(make_event(purchase), make_event(purchase, payment_intent=OTHER)) == [
        "processed: paid",
        "processed: second payment",
    ]
    assert (webhooks.order_state(purchase), webhooks.fulfil_jobs()) == ("paid", 1)
    assert webhooks.findings(purchase) == ["second_payment"]


def test_a_payment_named_for_two_orders_pays_the_first_and_opens_a_finding_of_the_second(
    webhooks: WebhookHarness,
) -> None:
    first, second = webhooks.place_order(), webhooks.place_order()
    contradiction = make_event(second, payment_intent=first.payment_id)
    assert webhooks.deliver(make_event(first)) == ["processed: paid"]
    assert webhooks.deliver(contradiction) == ["processed: payment of another order"]
    assert (webhooks.order_state(first), webhooks.order_state(second)) == ("paid", "pending")
    assert (webhooks.findings(second), webhooks.fulfil_jobs()) == (["payment_of_another_order"], 1)
    assert [row[:2] for row in webhooks.payments(first)] == [(first.payment_id, "succeeded")]
    assert webhooks.payments(second) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount_total": 1}, "wrong amount"),
        ({"amount_total": 49_901}, "wrong amount"),
        ({"currency": "eur"}, "wrong currency"),
    ],
)
def test_a_payment_that_does_not_match_opens_a_finding_and_a_right_one_pays(
    webhooks: WebhookHarness, changes: dict[str, object], reason: str
) -> None:
    purchase = webhooks.place_order()
    assert webhooks.deliver(make_event(purchase, **changes)) == [f"processed: {reason}"]
    assert (webhooks.order_state(purchase), webhooks.fulfil_jobs()) == ("pending", 0)
    assert webhooks.findings(purchase) == ["payment_mismatch"]
    assert [row[1] for row in webhooks.payments(purchase)] == ["succeeded"]
    assert webhooks.deliver(make_event(purchase, payment_intent=OTHER)) == ["processed: paid"]
    assert (webhooks.order_state(purchase), webhooks.fulfil_jobs()) == ("paid", 1)
    assert webhooks.findings(purchase) == ["payment_mismatch"]


def test_a_payment_of_a_cancelled_order_opens_a_finding(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order(state="cancelled")
    assert webhooks.deliver(make_event(purchase)) == ["processed: paid when cancelled"]
    assert (webhooks.order_state(purchase), webhooks.findings(purchase)) == ("cancelled", ["closed_order_paid"])
    assert ([row[1] for row in webhooks.payments(purchase)], webhooks.fulfil_jobs()) == (["succeeded"], 0)


def test_a_late_payment_of_an_expired_order_is_applied(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order(state="expired")
    assert webhooks.deliver(make_event(purchase)) == ["processed: paid"]
    assert (webhooks.order_state(purchase), webhooks.fulfil_jobs()) == ("paid", 1)


@pytest.mark.parametrize("make", [make_event, succeeded_event])
def test_a_dead_event_is_applied_when_it_is_replayed(webhooks: WebhookHarness, make: Callable[..., NewEvent]) -> None:
    purchase = webhooks.place_order()
    event = make(purchase)
    webhooks.store(event)
    do(webhooks.sessions, "update app.webhook_events set state = 'dead', outcome = 'given up', processed_at = now()")
    webhooks.process(webhooks.claim())
    assert (webhooks.outcome(event), webhooks.order_state(purchase)) == ("processed: paid", "paid")
