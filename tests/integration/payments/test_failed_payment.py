"""After a payment failed its order can be paid again for a stated time, whenever its own time was over."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from sqlalchemy import text

from core.orders.expire import expire
from core.payments.payable import TIME_AFTER_FAILURE
from tests.support.jobs import value
from tests.support.purchases import Purchase
from tests.support.webhook_harness import (
    WebhookHarness,
    expired_event,
    failed_event,
    make_event,
    succeeded_event,
    unpaid_event,
)

OVER = datetime.now(UTC) - timedelta(days=3)


def time_left(webhooks: WebhookHarness, purchase: Purchase) -> timedelta:
    left = value(webhooks.sessions, "select expires_at - now() from app.orders where id = :id", id=purchase.order_id)
    assert isinstance(left, timedelta)
    return left


def emails(webhooks: WebhookHarness, purchase: Purchase) -> list[str]:
    wanted = text("select template from app.mail_messages where params ->> 'order_id' = :id order by id")
    with webhooks.sessions() as session:
        return list(session.scalars(wanted, {"id": str(purchase.order_id)}))


def run_expiry(webhooks: WebhookHarness, *, later: timedelta = timedelta()) -> None:
    with webhooks.sessions.begin() as session:
        expire(session, datetime.now(UTC) + later)


def test_an_order_whose_debit_failed_after_its_time_can_be_paid_again(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order(expires_at=OVER)
    webhooks.deliver(unpaid_event(purchase))
    assert webhooks.deliver(failed_event(purchase)) == ["processed: the payment failed: the buyer may try again"]
    run_expiry(webhooks)
    assert webhooks.order_state(purchase) == "pending"
    assert TIME_AFTER_FAILURE - timedelta(minutes=1) < time_left(webhooks, purchase) <= TIME_AFTER_FAILURE
    run_expiry(webhooks, later=TIME_AFTER_FAILURE)
    assert webhooks.order_state(purchase) == "expired"
    assert emails(webhooks, purchase) == ["payment_begun", "payment_failed", "expired"]
    assert webhooks.audit_tags(purchase.order_id) == [
        "stripe:order:processing",
        "stripe:order:reopened",
        "orders:order:expired",
    ]


def test_an_order_with_more_time_keeps_it(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order(expires_at=datetime.now(UTC) + timedelta(days=9))
    webhooks.deliver(unpaid_event(purchase), failed_event(purchase))
    assert time_left(webhooks, purchase) > timedelta(days=8)


@pytest.mark.parametrize("order", list(permutations(("expiry", "unpaid", "failed"))), ids="-".join)
def test_any_order_of_expiry_and_failure_ends_payable(webhooks: WebhookHarness, order: tuple[str, ...]) -> None:
    purchase = webhooks.place_order(expires_at=OVER)
    for step in order:
        if step == "expiry":
            run_expiry(webhooks)
        else:
            webhooks.deliver(unpaid_event(purchase) if step == "unpaid" else failed_event(purchase))
    assert webhooks.order_state(purchase) == "pending"
    assert time_left(webhooks, purchase) > TIME_AFTER_FAILURE - timedelta(minutes=1)
    assert emails(webhooks, purchase).count("payment_failed") == 1


@pytest.mark.parametrize("order", list(permutations(("expiry", "unpaid", "failed", "paid"))), ids="-".join)
def test_any_order_with_a_success_ends_paid(webhooks: WebhookHarness, order: tuple[str, ...]) -> None:
    """A buyer tries again within one payment."""
    purchase = webhooks.place_order(expires_at=OVER)
    events = {"unpaid": unpaid_event(purchase), "failed": failed_event(purchase), "paid": succeeded_event(purchase)}
    for step in order:
        if step == "expiry":
            run_expiry(webhooks)
        else:
            webhooks.deliver(events[step])
            webhooks.run_jobs()
    assert (webhooks.order_state(purchase), webhooks.has_access(purchase)) == ("fulfilled", True)


def test_a_failure_told_twice_gives_time_and_an_email_once(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order(expires_at=OVER)
    webhooks.deliver(failed_event(purchase), failed_event(purchase))
    first = value(webhooks.sessions, "select expires_at from app.orders where id = :id", id=purchase.order_id)
    assert webhooks.deliver(failed_event(purchase)) == ["processed: an older event"]
    again = value(webhooks.sessions, "select expires_at from app.orders where id = :id", id=purchase.order_id)
    assert (again, emails(webhooks, purchase)) == (first, ["payment_failed"])


def test_a_failure_leaves_a_cancelled_order_cancelled(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order(state="cancelled", expires_at=OVER)
    webhooks.deliver(failed_event(purchase))
    assert (webhooks.order_state(purchase), emails(webhooks, purchase)) == ("cancelled", [])


def test_a_later_checkout_that_ends_before_the_order_leaves_it_payable(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    webhooks.deliver(failed_event(purchase, id="cs_test_first", payment_intent="pi_first"))
    assert webhooks.deliver(expired_event(purchase)) == ["processed: the checkout expired: the order can still be paid"]
    assert (webhooks.order_state(purchase), emails(webhooks, purchase)) == ("pending", ["payment_failed"])


def test_money_that_does_not_match_gives_time_to_pay_again(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order(expires_at=OVER)
    webhooks.deliver(unpaid_event(purchase, currency="eur"))
    webhooks.deliver(succeeded_event(purchase, currency="eur"))
    run_expiry(webhooks)
    assert webhooks.order_state(purchase) == "pending"
    assert webhooks.deliver(make_event(purchase, id="cs_test_again", payment_intent="pi_again")) == ["processed: paid"]
