"""webhooks.process: what a payment that was made does to an order."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.orm import Session, sessionmaker

from core.messages import FulfilOrder
from core.webhooks.parse import StripeEvent
from tests.integration.webhooks.events import Desk, succeeded, told
from tests.support.jobs import claim_all, do, jobs, states, value
from tests.support.waiting import wait_until

OTHER = "pi_other"
WAITS = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


def test_a_paid_order_is_to_be_fulfilled(desk: Desk) -> None:
    purchase = desk.order()
    assert desk.hear(told(purchase)) == ["processed: paid"]
    assert desk.state(purchase) == "paid"
    assert desk.payments(purchase) == [(purchase.payment_id, "succeeded", 49_900, "SEK")]
    assert desk.tags(purchase.order_id) == ["stripe:order:paid"]
    (fulfil,) = jobs(desk.sessions, "orders.fulfil")
    assert FulfilOrder.read(fulfil.payload) == FulfilOrder(order_id=purchase.order_id)
    assert fulfil.profile_id is not None
    assert states(desk.sessions, "webhooks.process") == ["succeeded"]


def test_a_hundred_orders_in_one_batch(desk: Desk) -> None:
    purchases = [desk.order() for _ in range(100)]
    assert desk.hear(*map(told, purchases)) == ["processed: paid"] * 100
    assert {desk.state(purchase) for purchase in purchases} == {"paid"}
    assert desk.fulfilments() == 100


def test_an_event_delivered_again_is_counted_and_has_one_job(desk: Desk) -> None:
    purchase = desk.order()
    event = told(purchase)
    desk.hear(event, event)
    desk.store(event)
    assert value(desk.sessions, "select deliveries from app.webhook_events") == 3
    assert states(desk.sessions, "webhooks.process") == ["succeeded"]
    assert desk.fulfilments() == 1


def test_one_fact_as_two_events_in_one_batch_pays_once(desk: Desk) -> None:
    purchase = desk.order()
    assert desk.hear(told(purchase), told(purchase)) == ["processed: paid", "processed: the same payment again"]
    assert (desk.state(purchase), desk.fulfilments(), len(desk.payments(purchase))) == ("paid", 1, 1)
    assert desk.tags(purchase.order_id) == ["stripe:order:paid"]


def test_three_events_of_one_order_in_one_batch_are_taken_in_their_order(desk: Desk) -> None:
    purchase = desk.order()
    late = told(purchase, payment_intent=OTHER, created=1_790_900_000)
    assert desk.hear(late, told(purchase, created=1_790_800_000), told(purchase, created=1_790_800_001)) == [
        "processed: second payment",
        "processed: paid",
        "processed: the same payment again",
    ]
    assert (desk.state(purchase), desk.fulfilments()) == ("review", 1)
    assert states(desk.sessions, "webhooks.process") == ["succeeded"] * 3


@pytest.mark.parametrize(
    ("payment", "outcome", "state"),
    [(None, "processed: the same payment again", "paid"), (OTHER, "processed: second payment", "review")],
)
def test_two_batches_at_once_about_one_order(desk: Desk, payment: str | None, outcome: str, state: str) -> None:
    purchase = desk.order()
    first = told(purchase)
    second = told(purchase, payment_intent=payment) if payment else told(purchase)
    desk.store(first)
    one = desk.claim()
    desk.store(second)
    other = desk.claim()
    # Both wait for the order's row, then run one after the other.
    with ThreadPoolExecutor(2) as pool:
        with desk.sessions.begin() as holder:
            holder.connection().exec_driver_sql("select 1 from app.orders for update")
            running = [pool.submit(desk.process, one)]
            wait_until(lambda: value(desk.sessions, WAITS) == 1, "the first waits")
            running.append(pool.submit(desk.process, other))
            wait_until(lambda: value(desk.sessions, WAITS) == 2, "the second waits")
        for ended in running:
            ended.result(10)
    assert [desk.outcome(first), desk.outcome(second)] == ["processed: paid", outcome]
    assert (desk.state(purchase), desk.fulfilments()) == (state, 1)


def test_a_second_payment_is_kept_and_put_aside_for_a_person(desk: Desk) -> None:
    purchase = desk.order()
    desk.hear(told(purchase))
    assert desk.hear(told(purchase, payment_intent=OTHER)) == ["processed: second payment"]
    assert (desk.state(purchase), desk.reason(purchase)) == ("review", "second payment")
    assert {row[:2] for row in desk.payments(purchase)} == {(purchase.payment_id, "succeeded"), (OTHER, "review")}
    assert desk.tags(purchase.order_id) == ["stripe:order:paid", "stripe:order:review"]


def test_a_payment_told_of_two_orders_pays_one_and_puts_the_other_aside(desk: Desk) -> None:
    first, second = desk.order(), desk.order()
    contradiction = told(second, payment_intent=first.payment_id)
    assert desk.hear(told(first)) == ["processed: paid"]
    assert desk.hear(contradiction) == ["processed: payment of another order"]
    assert (desk.state(first), desk.state(second)) == ("paid", "review")
    assert (desk.reason(second), desk.fulfilments()) == ("payment of another order", 1)
    assert [row[:2] for row in desk.payments(first)] == [(first.payment_id, "succeeded")]
    assert desk.payments(second) == []
    assert desk.tags(second.order_id) == ["stripe:order:review"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount_total": 1}, "wrong amount"),
        ({"amount_total": 49_901}, "wrong amount"),
        ({"currency": "eur"}, "wrong currency"),
    ],
)
def test_a_payment_that_does_not_match_grants_nothing(desk: Desk, changes: dict[str, object], reason: str) -> None:
    purchase = desk.order()
    assert desk.hear(told(purchase, **changes)) == [f"processed: {reason}"]
    assert (desk.state(purchase), desk.reason(purchase), desk.fulfilments()) == ("review", reason, 0)
    assert [row[1] for row in desk.payments(purchase)] == ["review"]
    # The right one after it is one payment too many.
    assert desk.hear(told(purchase, payment_intent=OTHER)) == ["processed: second payment"]
    assert (desk.state(purchase), desk.fulfilments()) == ("review", 0)


@pytest.mark.parametrize(("ours", "theirs"), [(False, True), (True, False)])
def test_another_mode_is_another_world(sessions: sessionmaker[Session], ours: bool, theirs: bool) -> None:  # noqa: FBT001 - parameters
    desk = Desk(sessions, livemode=ours)
    purchase = desk.order()
    assert desk.hear(told(purchase, livemode=theirs)) == ["ignored: wrong livemode"]
    assert (desk.state(purchase), desk.payments(purchase)) == ("pending", [])


def test_live_money_counts_where_it_is_wanted(sessions: sessionmaker[Session]) -> None:
    desk = Desk(sessions, livemode=True)
    purchase = desk.order()
    assert desk.hear(told(purchase, livemode=True)) == ["processed: paid"]


def test_an_order_nobody_knows_is_ignored(desk: Desk) -> None:
    purchase, stranger = desk.order(), desk.order()
    events = [told(stranger), told(purchase), told(stranger)]
    desk.store(*events)
    do(desk.sessions, "delete from app.orders where id = :id", id=stranger.order_id)
    desk.process(desk.claim())
    outcomes = [desk.outcome(event) for event in events]
    assert outcomes == ["ignored: unknown order", "processed: paid", "ignored: unknown order"]


def test_money_for_a_cancelled_order_is_put_aside_for_a_person(desk: Desk) -> None:
    purchase = desk.order(state="cancelled")
    assert desk.hear(told(purchase)) == ["processed: paid when cancelled"]
    assert (desk.state(purchase), desk.reason(purchase)) == ("review", "paid when cancelled")
    assert ([row[1] for row in desk.payments(purchase)], desk.fulfilments()) == (["review"], 0)


def test_money_that_comes_late_for_an_expired_order_is_honoured(desk: Desk) -> None:
    purchase = desk.order(state="expired")
    assert desk.hear(told(purchase)) == ["processed: paid"]
    assert (desk.state(purchase), desk.fulfilments()) == ("paid", 1)


def test_what_is_replayed_after_it_was_processed_changes_nothing(desk: Desk) -> None:
    purchase = desk.order()
    event = told(purchase)
    desk.hear(event)
    again = "update app.jobs set state = 'pending', finished_at = null where kind = 'webhooks.process'"
    do(desk.sessions, again)
    (batch,) = [one for one in claim_all(desk.sessions) if one.kind == "webhooks.process"]
    desk.process(batch)
    assert (desk.outcome(event), desk.fulfilments()) == ("processed: paid", 1)
    assert states(desk.sessions, "webhooks.process") == ["succeeded"]


@pytest.mark.parametrize("tell", [told, succeeded])
def test_an_event_that_was_given_up_counts_when_it_is_replayed(desk: Desk, tell: Callable[..., StripeEvent]) -> None:
    purchase = desk.order()
    event = tell(purchase)
    desk.store(event)
    do(desk.sessions, "update app.webhook_events set state = 'dead', outcome = 'given up', processed_at = now()")
    desk.process(desk.claim())
    assert (desk.outcome(event), desk.state(purchase)) == ("processed: paid", "paid")
