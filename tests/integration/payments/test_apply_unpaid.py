"""What delayed, failed and expired checkouts do to an order, in any order of events."""

from itertools import permutations

import pytest

from tests.support.jobs import do, value
from tests.support.purchases import Purchase
from tests.support.webhook_harness import (
    WebhookHarness,
    expired_event,
    failed_event,
    make_event,
    succeeded_event,
    unpaid_event,
)

AGAIN = {"payment_intent": "pi_again", "id": "cs_test_again"}


def checkout(webhooks: WebhookHarness, purchase: Purchase) -> object:
    return value(
        webhooks.sessions,
        "select session_id from app.checkouts where order_id = :id and closed_at is null",
        id=purchase.order_id,
    )


def test_a_delayed_payment_is_processing_until_it_succeeds(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    assert webhooks.deliver(unpaid_event(purchase)) == ["processed: waiting for the money"]
    assert (webhooks.order_state(purchase), [row[1] for row in webhooks.payments(purchase)]) == (
        "processing",
        ["processing"],
    )
    assert webhooks.deliver(succeeded_event(purchase)) == ["processed: paid"]
    assert (webhooks.order_state(purchase), webhooks.fulfil_jobs()) == ("paid", 1)
    assert webhooks.payments(purchase) == [(purchase.payment_id, "succeeded", 49_900, "SEK")]
    assert webhooks.audit_tags(purchase.order_id) == ["stripe:order:processing", "stripe:order:paid"]


def test_an_unpaid_event_after_the_success_changes_nothing(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    webhooks.deliver(succeeded_event(purchase))
    assert webhooks.deliver(unpaid_event(purchase)) == ["processed: an older event"]
    assert (webhooks.order_state(purchase), [row[1] for row in webhooks.payments(purchase)]) == ("paid", ["succeeded"])


@pytest.mark.parametrize("one_batch", [True, False])
@pytest.mark.parametrize("late", [False, True], ids=["in order", "in reverse"])
def test_a_failed_payment_lets_the_buyer_try_again(webhooks: WebhookHarness, late: bool, one_batch: bool) -> None:  # noqa: FBT001 - parameters
    purchase = webhooks.place_order()
    events = [unpaid_event(purchase), failed_event(purchase)]
    if late:
        events.reverse()
    if one_batch:
        webhooks.deliver(*events)
    else:
        for event in events:
            webhooks.deliver(event)
    assert (webhooks.order_state(purchase), [row[1] for row in webhooks.payments(purchase)]) == ("pending", ["failed"])
    assert checkout(webhooks, purchase) is None
    assert webhooks.deliver(make_event(purchase, **AGAIN)) == ["processed: paid"]
    assert [row[1] for row in webhooks.payments(purchase)] in (["failed", "succeeded"], ["succeeded", "failed"])


def test_a_repeated_failure_does_not_end_the_next_checkout(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    webhooks.deliver(unpaid_event(purchase))
    webhooks.deliver(failed_event(purchase))
    do(webhooks.sessions, "update app.checkouts set session_id = 'cs_test_again', closed_at = null")
    webhooks.deliver(unpaid_event(purchase, **AGAIN))
    assert webhooks.deliver(failed_event(purchase)) == ["processed: an older event"]
    assert (webhooks.order_state(purchase), checkout(webhooks, purchase)) == ("processing", "cs_test_again")


def test_a_failure_after_the_success_changes_nothing(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    webhooks.deliver(make_event(purchase))
    assert webhooks.deliver(failed_event(purchase)) == ["processed: an older event"]
    assert (webhooks.order_state(purchase), [row[1] for row in webhooks.payments(purchase)]) == ("paid", ["succeeded"])


@pytest.mark.parametrize("places", list(permutations(range(3))), ids=str)
def test_any_order_of_unpaid_failed_and_paid_ends_paid(webhooks: WebhookHarness, places: tuple[int, ...]) -> None:
    """A buyer tries again within one payment."""
    purchase = webhooks.place_order()
    events = [unpaid_event(purchase), failed_event(purchase), succeeded_event(purchase)]
    for place in places:
        webhooks.deliver(events[place])
    assert (webhooks.order_state(purchase), webhooks.fulfil_jobs()) == ("paid", 1)
    assert [row[1] for row in webhooks.payments(purchase)] == ["succeeded"]


def test_a_delayed_payment_in_another_currency_is_a_finding_and_reopens_the_order(
    webhooks: WebhookHarness,
) -> None:
    purchase = webhooks.place_order()
    webhooks.deliver(unpaid_event(purchase, currency="eur"))
    assert webhooks.deliver(succeeded_event(purchase, currency="eur")) == ["processed: wrong currency"]
    assert (webhooks.order_state(purchase), webhooks.fulfil_jobs()) == ("pending", 0)
    assert webhooks.findings(purchase) == ["payment_mismatch"]


def test_a_failure_leaves_the_order_in_progress_through_another_payment(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    webhooks.deliver(unpaid_event(purchase), unpaid_event(purchase, payment_intent="pi_other"))
    outcome = webhooks.deliver(failed_event(purchase))
    assert outcome == ["processed: the payment failed: another one is in progress"]
    assert webhooks.order_state(purchase) == "processing"


def test_the_payment_row_has_amount_and_currency_of_the_success(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    webhooks.deliver(unpaid_event(purchase, currency="eur", amount_total=4_990))
    assert webhooks.deliver(succeeded_event(purchase)) == ["processed: paid"]
    assert webhooks.payments(purchase) == [(purchase.payment_id, "succeeded", 49_900, "SEK")]


def test_an_expired_checkout_expires_the_order(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    assert webhooks.deliver(expired_event(purchase)) == ["processed: the checkout expired"]
    assert (webhooks.order_state(purchase), webhooks.audit_tags(purchase.order_id)) == (
        "expired",
        ["orders:order:expired"],
    )


def test_a_failure_that_names_another_orders_payment_changes_neither_order(webhooks: WebhookHarness) -> None:
    first, second = webhooks.place_order(), webhooks.place_order()
    webhooks.deliver(unpaid_event(first))
    assert webhooks.deliver(failed_event(second, payment_intent=first.payment_id)) == ["processed: an older event"]
    assert (webhooks.order_state(first), webhooks.order_state(second)) == ("processing", "pending")
    assert [row[:2] for row in webhooks.payments(first)] == [(first.payment_id, "processing")]


def test_an_earlier_checkout_that_expires_leaves_the_order_pending(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    assert webhooks.deliver(expired_event(purchase, id="cs_test_earlier")) == ["processed: an older event"]
    assert webhooks.order_state(purchase) == "pending"


@pytest.mark.parametrize("state", ["paid", "fulfilled", "cancelled", "processing", "expired"])
def test_an_order_that_is_no_longer_pending_does_not_expire(webhooks: WebhookHarness, state: str) -> None:
    purchase = webhooks.place_order(state=state)
    assert webhooks.deliver(expired_event(purchase)) == ["processed: an older event"]
    assert webhooks.order_state(purchase) == state
    is_open = "select count(*) from app.checkouts where order_id = :id and closed_at is null"
    assert value(webhooks.sessions, is_open, id=purchase.order_id) == 0
