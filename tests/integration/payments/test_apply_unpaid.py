"""webhooks.process: money that comes later or not at all, whatever the order in which it is told."""

from collections.abc import Callable
from itertools import permutations

import pytest
from sqlalchemy.orm import Session, sessionmaker

from core.webhooks.parse import StripeEvent
from tests.integration.webhooks.events import Desk, expired, failed, succeeded, told, unpaid
from tests.support.jobs import do, states, value
from tests.support.purchases import Purchase

AGAIN = {"payment_intent": "pi_again", "id": "cs_test_again"}


def checkout(desk: Desk, purchase: Purchase) -> object:
    return value(
        desk.sessions,
        "select session_id from app.checkouts where order_id = :id and closed_at is null",
        id=purchase.order_id,
    )


def test_a_delayed_payment_is_waited_for_and_then_counts(desk: Desk) -> None:
    purchase = desk.order()
    assert desk.hear(unpaid(purchase)) == ["processed: waiting for the money"]
    assert (desk.state(purchase), [row[1] for row in desk.payments(purchase)]) == ("processing", ["processing"])
    assert desk.hear(succeeded(purchase)) == ["processed: paid"]
    assert (desk.state(purchase), desk.fulfilments()) == ("paid", 1)
    assert desk.payments(purchase) == [(purchase.payment_id, "succeeded", 49_900, "SEK")]
    assert desk.tags(purchase.order_id) == ["stripe:order:processing", "stripe:order:paid"]


def test_the_beginning_told_after_the_end_changes_nothing(desk: Desk) -> None:
    purchase = desk.order()
    desk.hear(succeeded(purchase))
    assert desk.hear(unpaid(purchase)) == ["processed: an older event"]
    assert (desk.state(purchase), [row[1] for row in desk.payments(purchase)]) == ("paid", ["succeeded"])


@pytest.mark.parametrize("one_batch", [True, False])
@pytest.mark.parametrize("late", [False, True], ids=["in order", "in reverse"])
def test_a_failed_payment_lets_the_buyer_try_again(desk: Desk, late: bool, one_batch: bool) -> None:  # noqa: FBT001 - parameters
    purchase = desk.order()
    events = [unpaid(purchase), failed(purchase)]
    if late:
        events.reverse()
    if one_batch:
        desk.hear(*events)
    else:
        for event in events:
            desk.hear(event)
    assert (desk.state(purchase), [row[1] for row in desk.payments(purchase)]) == ("pending", ["failed"])
    assert checkout(desk, purchase) is None
    assert desk.hear(told(purchase, **AGAIN)) == ["processed: paid"]
    assert [row[1] for row in desk.payments(purchase)] in (["failed", "succeeded"], ["succeeded", "failed"])


def test_a_failure_told_twice_does_not_end_the_next_attempt(desk: Desk) -> None:
    purchase = desk.order()
    desk.hear(unpaid(purchase))
    desk.hear(failed(purchase))
    do(desk.sessions, "update app.checkouts set session_id = 'cs_test_again', closed_at = null")
    desk.hear(unpaid(purchase, **AGAIN))
    assert desk.hear(failed(purchase)) == ["processed: an older event"]
    assert (desk.state(purchase), checkout(desk, purchase)) == ("processing", "cs_test_again")


def test_a_failure_after_the_money_came_changes_nothing(desk: Desk) -> None:
    purchase = desk.order()
    desk.hear(told(purchase))
    assert desk.hear(failed(purchase)) == ["processed: an older event"]
    assert (desk.state(purchase), [row[1] for row in desk.payments(purchase)]) == ("paid", ["succeeded"])


@pytest.mark.parametrize("places", list(permutations(range(3))), ids=str)
def test_any_order_of_unpaid_failed_and_paid_ends_paid(desk: Desk, places: tuple[int, ...]) -> None:
    """A buyer tries again within one payment."""
    purchase = desk.order()
    events = [unpaid(purchase), failed(purchase), succeeded(purchase)]
    for place in places:
        desk.hear(events[place])
    assert (desk.state(purchase), desk.fulfilments()) == ("paid", 1)
    assert [row[1] for row in desk.payments(purchase)] == ["succeeded"]


def test_a_delayed_payment_of_another_amount_and_currency_grants_nothing(desk: Desk) -> None:
    purchase = desk.order()
    desk.hear(unpaid(purchase, currency="eur"))
    assert desk.hear(succeeded(purchase, currency="eur")) == ["processed: wrong currency"]
    assert (desk.state(purchase), desk.fulfilments()) == ("review", 0)


def test_the_payment_is_kept_as_it_was_told_last(desk: Desk) -> None:
    purchase = desk.order()
    desk.hear(unpaid(purchase, currency="eur", amount_total=4_990))
    assert desk.hear(succeeded(purchase)) == ["processed: paid"]
    assert desk.payments(purchase) == [(purchase.payment_id, "succeeded", 49_900, "SEK")]


def test_a_checkout_that_expired_closes_the_order(desk: Desk) -> None:
    purchase = desk.order()
    assert desk.hear(expired(purchase)) == ["processed: the checkout expired"]
    assert (desk.state(purchase), desk.tags(purchase.order_id)) == ("expired", ["orders:order:expired"])


def test_the_payment_of_another_order_fails_for_nobody(desk: Desk) -> None:
    first, second = desk.order(), desk.order()
    desk.hear(unpaid(first))
    assert desk.hear(failed(second, payment_intent=first.payment_id)) == ["processed: an older event"]
    assert (desk.state(first), desk.state(second)) == ("processing", "pending")
    assert [row[:2] for row in desk.payments(first)] == [(first.payment_id, "processing")]


def test_another_checkout_of_the_order_may_expire(desk: Desk) -> None:
    purchase = desk.order()
    assert desk.hear(expired(purchase, id="cs_test_earlier")) == ["processed: an older event"]
    assert desk.state(purchase) == "pending"


@pytest.mark.parametrize("state", ["paid", "fulfilled", "cancelled", "processing", "expired"])
def test_an_order_that_has_moved_on_does_not_expire(desk: Desk, state: str) -> None:
    purchase = desk.order(state=state)
    assert desk.hear(expired(purchase)) == ["processed: an older event"]
    assert desk.state(purchase) == state


@pytest.mark.parametrize("tell", [unpaid, failed, expired])
def test_another_mode_and_unknown_orders_are_ignored(
    sessions: sessionmaker[Session], tell: Callable[..., StripeEvent]
) -> None:
    desk = Desk(sessions, livemode=True)
    purchase, stranger = desk.order(), desk.order()
    event, unknown = tell(purchase), tell(stranger, livemode=True)
    desk.store(event, unknown)
    do(desk.sessions, "delete from app.orders where id = :id", id=stranger.order_id)
    desk.process(desk.claim())
    assert (desk.outcome(event), desk.outcome(unknown)) == ("ignored: wrong livemode", "ignored: unknown order")
    assert (desk.state(purchase), desk.payments(purchase)) == ("pending", [])


@pytest.mark.parametrize("event_type", ["invoice.paid", "payment_intent.succeeded", "checkout.session.unheard_of"])
def test_what_nobody_waits_for_is_stored_and_ignored(desk: Desk, event_type: str) -> None:
    purchase = desk.order()
    assert desk.hear(told(purchase, event_type)) == ["ignored: nothing to do"]
    assert (desk.state(purchase), states(desk.sessions)) == ("pending", ["succeeded"])


def test_good_and_rare_and_unknown_in_one_batch(desk: Desk) -> None:
    one, two, three, four = (desk.order() for _ in range(4))
    events = [told(one), unpaid(two), told(three, "invoice.paid"), expired(four), told(one)]
    assert desk.hear(*events) == [
        "processed: paid",
        "processed: waiting for the money",
        "ignored: nothing to do",
        "processed: the checkout expired",
        "processed: the same payment again",
    ]
