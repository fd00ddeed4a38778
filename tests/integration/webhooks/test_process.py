"""Process stored events: which are applied, which are ignored, and what one poison event does to its batch."""

from collections.abc import Callable
from functools import partial

import pytest
from celery.exceptions import Retry
from sqlalchemy.orm import Session, sessionmaker

from core.jobs.batch import Batch
from core.webhooks.new_event import NewEvent
from tasks import webhooks as webhook_tasks
from tests.support.concurrency import run_concurrently
from tests.support.jobs import claim_all, do, states, value
from tests.support.webhook_harness import (
    WebhookHarness,
    expired_event,
    failed_event,
    make_event,
    unpaid_event,
)

POISON = 'update app.webhook_events set data = data || \'{"amount": "much"}\' where event_id = :id'


def test_an_event_delivered_again_is_counted_and_has_one_job(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    event = make_event(purchase)
    webhooks.deliver(event, event)
    webhooks.store(event)
    assert value(webhooks.sessions, "select deliveries from app.webhook_events") == 3
    assert states(webhooks.sessions, "webhooks.process") == ["succeeded"]
    assert webhooks.fulfil_jobs() == 1


def test_a_batch_may_mix_paid_unpaid_and_unhandled_events(webhooks: WebhookHarness) -> None:
    one, two, three, four = (webhooks.place_order() for _ in range(4))
    events = [
        make_event(one),
        unpaid_event(two),
        make_event(three, "invoice.paid"),
        expired_event(four),
        make_event(one),
    ]
    assert webhooks.deliver(*events) == [
        "processed: paid",
        "processed: waiting for the money",
        "ignored: nothing to do",
        "processed: the checkout expired",
        "processed: the same payment again",
    ]


@pytest.mark.parametrize("event_type", ["invoice.paid", "payment_intent.created", "checkout.session.unheard_of"])
def test_an_event_of_an_unhandled_type_is_stored_and_ignored(webhooks: WebhookHarness, event_type: str) -> None:
    purchase = webhooks.place_order()
    assert webhooks.deliver(make_event(purchase, event_type)) == ["ignored: nothing to do"]
    assert (webhooks.order_state(purchase), states(webhooks.sessions)) == ("pending", ["succeeded"])


@pytest.mark.parametrize(("ours", "theirs"), [(False, True), (True, False)])
def test_a_paid_event_of_another_livemode_is_ignored(sessions: sessionmaker[Session], ours: bool, theirs: bool) -> None:  # noqa: FBT001 - parameters
    webhooks = WebhookHarness(sessions, livemode=ours)
    purchase = webhooks.place_order()
    assert webhooks.deliver(make_event(purchase, livemode=theirs)) == ["ignored: wrong livemode"]
    assert (webhooks.order_state(purchase), webhooks.payments(purchase)) == ("pending", [])


def test_a_live_payment_is_applied_in_live_mode(sessions: sessionmaker[Session]) -> None:
    webhooks = WebhookHarness(sessions, livemode=True)
    purchase = webhooks.place_order()
    assert webhooks.deliver(make_event(purchase, livemode=True)) == ["processed: paid"]


@pytest.mark.parametrize("make", [unpaid_event, failed_event, expired_event])
def test_unpaid_events_of_another_livemode_or_an_unknown_order_are_ignored(
    sessions: sessionmaker[Session], make: Callable[..., NewEvent]
) -> None:
    webhooks = WebhookHarness(sessions, livemode=True)
    purchase, stranger = webhooks.place_order(), webhooks.place_order()
    event, unknown = make(purchase), make(stranger, livemode=True)
    webhooks.store(event, unknown)
    do(webhooks.sessions, "delete from app.orders where id = :id", id=stranger.order_id)
    webhooks.process(webhooks.claim())
    assert (webhooks.outcome(event), webhooks.outcome(unknown)) == ("ignored: wrong livemode", "ignored: unknown order")
    assert (webhooks.order_state(purchase), webhooks.payments(purchase)) == ("pending", [])


def test_a_paid_event_of_an_unknown_order_is_ignored(webhooks: WebhookHarness) -> None:
    purchase, stranger = webhooks.place_order(), webhooks.place_order()
    events = [make_event(stranger), make_event(purchase), make_event(stranger)]
    webhooks.store(*events)
    do(webhooks.sessions, "delete from app.orders where id = :id", id=stranger.order_id)
    webhooks.process(webhooks.claim())
    outcomes = [webhooks.outcome(event) for event in events]
    assert outcomes == ["ignored: unknown order", "processed: paid", "ignored: unknown order"]


def test_a_processed_event_that_is_replayed_changes_nothing(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    event = make_event(purchase)
    webhooks.deliver(event)
    again = "update app.jobs set state = 'pending', finished_at = null where kind = 'webhooks.process'"
    do(webhooks.sessions, again)
    (batch,) = [one for one in claim_all(webhooks.sessions) if one.kind == "webhooks.process"]
    webhooks.process(batch)
    assert (webhooks.outcome(event), webhooks.fulfil_jobs()) == ("processed: paid", 1)
    assert states(webhooks.sessions, "webhooks.process") == ["succeeded"]


@pytest.mark.usefixtures("in_process")
def test_a_poison_event_dies_alone_and_the_others_are_processed(webhooks: WebhookHarness) -> None:
    purchases = [webhooks.place_order() for _ in range(5)]
    events = [make_event(purchase) for purchase in purchases]
    webhooks.store(*events)
    do(webhooks.sessions, POISON, id=events[2].event_id)
    do(webhooks.sessions, "update app.jobs set max_attempts = 1")
    with pytest.raises(Retry, match="5 jobs run in smaller batches"):
        webhook_tasks.process.run(webhooks.claim().to_wire())
    assert {webhooks.order_state(purchase) for purchase in purchases} == {"pending"}
    failures: list[str] = []
    for batch in claim_all(webhooks.sessions):
        try:
            webhook_tasks.process.run(batch.to_wire())
        except Exception as error:  # noqa: BLE001 - the database chooses the class
            failures.append(str(error))
    assert ["much" in failure for failure in failures] == [True]
    assert [webhooks.order_state(purchase) for purchase in purchases] == ["paid", "paid", "pending", "paid", "paid"]
    assert webhooks.outcome(events[2]) == "dead: given up"
    assert sorted(states(webhooks.sessions, "webhooks.process")) == ["dead"] + ["succeeded"] * 4
    assert value(webhooks.sessions, "select count(*) from app.webhook_attempts where error like '%much%'") == 1


def test_two_batches_about_the_same_orders_do_not_deadlock(webhooks: WebhookHarness) -> None:
    purchases = [webhooks.place_order() for _ in range(40)]
    batches: list[Batch] = []
    for told in (purchases, purchases[::-1]):
        for purchase in told:
            webhooks.store(unpaid_event(purchase))
        batches.append(webhooks.claim())
    run_concurrently(*[partial(webhooks.process, batch) for batch in batches])
    assert {webhooks.order_state(purchase) for purchase in purchases} == {"processing"}
