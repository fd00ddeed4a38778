"""Only events of this account and mode are applied; money in others is a finding."""

from dataclasses import replace

import orjson
import pytest

from core.findings.close import close_resolved
from core.webhooks.new_event import NewEvent
from core.webhooks.parse import read_stripe_event
from tests.support.jobs import do, value
from tests.support.purchases import Purchase
from tests.support.webhook_harness import (
    WebhookHarness,
    charge_event,
    dispute_event,
    expired_event,
    intent_event,
    make_event,
    object_event,
    refund_event,
    unpaid_event,
)

OURS, OTHER = "acct_ours", "acct_other"
REPLAY = "update app.jobs set state = 'pending', finished_at = null where kind = 'webhooks.process'"
IGNORED_MONEY = "select count(*) from app.findings where kind = 'money_ignored' and closed_at is null"


def of_account(event: NewEvent, **names: object) -> NewEvent:
    """The same event with `account` or `context` at the top level."""
    return read_stripe_event(orjson.dumps({**orjson.loads(event.body), **names}))


def nothing_applied(webhooks: WebhookHarness, purchase: Purchase) -> bool:
    rows = "select count(*) from (select from app.refunds union all select from app.disputes) facts"
    return (webhooks.order_state(purchase), webhooks.payments(purchase)) == ("pending", []) and not value(
        webhooks.sessions, rows
    )


@pytest.mark.parametrize("names", [{"account": OTHER}, {"context": OTHER}, {"account": OURS, "context": OTHER}])
@pytest.mark.parametrize("account", [None, OURS])
def test_a_payment_of_another_account_is_ignored_and_a_finding(
    webhooks: WebhookHarness, account: str | None, names: dict[str, str]
) -> None:
    webhooks = replace(webhooks, account=account)
    purchase = webhooks.place_order()
    assert webhooks.deliver(of_account(make_event(purchase), **names)) == ["ignored: another account"]
    assert nothing_applied(webhooks, purchase)
    assert value(webhooks.sessions, IGNORED_MONEY) == 1
    reason = "select details ->> 'reason' || ' ' || (details ->> 'amount') from app.findings"
    assert value(webhooks.sessions, reason) == "another account 49900"


@pytest.mark.parametrize("names", [{}, {"account": None}, {"account": OURS}, {"account": OURS, "context": OURS}])
def test_an_event_without_an_account_or_with_ours_is_applied(webhooks: WebhookHarness, names: dict[str, str]) -> None:
    webhooks = replace(webhooks, account=OURS)
    purchase = webhooks.place_order()
    assert webhooks.deliver(of_account(make_event(purchase), **names)) == ["processed: paid"]


def test_every_kind_of_event_of_another_account_or_mode_is_ignored(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    money = [make_event, intent_event, unpaid_event, refund_event, dispute_event]
    events = [of_account(make(purchase), account=OTHER) for make in (*money, expired_event, charge_event)]
    events += [of_account(make(purchase), livemode=True) for make in money]
    assert webhooks.deliver(*events) == ["ignored: another account"] * 7 + ["ignored: wrong livemode"] * 5
    assert nothing_applied(webhooks, purchase)
    assert value(webhooks.sessions, IGNORED_MONEY) == 10


def test_an_ignored_event_is_decided_again_when_it_is_replayed(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    payment, refund = of_account(make_event(purchase), account=OURS), of_account(refund_event(purchase), account=OURS)
    assert webhooks.deliver(payment, refund) == ["ignored: another account"] * 2
    do(webhooks.sessions, REPLAY)
    webhooks = replace(webhooks, account=OURS)
    webhooks.run_jobs()
    assert [webhooks.outcome(one) for one in (payment, refund)] == ["processed: paid", "processed: refund succeeded"]
    assert webhooks.order_state(purchase) == "refunded"
    with webhooks.sessions.begin() as session:
        close_resolved(session)
    assert value(webhooks.sessions, IGNORED_MONEY) == 0


def test_an_ignored_event_that_is_replayed_unchanged_is_ignored_again(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    event = of_account(make_event(purchase), account=OTHER)
    webhooks.deliver(event)
    do(webhooks.sessions, REPLAY)
    webhooks.run_jobs()
    assert webhooks.outcome(event) == "ignored: another account"
    assert value(webhooks.sessions, "select sum(times_seen) from app.findings") == 2


@pytest.mark.parametrize(
    ("event", "outcome", "findings"),
    [
        (object_event("payment_intent.succeeded", {"id": "pi_x", "metadata": {}}), "no order named", 1),
        (object_event("refund.created", {"id": "re_x", "status": "new"}), "status is not known", 1),
        (object_event("charge.dispute.created", {}), "status is not known", 1),
        (object_event("checkout.session.expired", {"id": "cs_x"}), "no order named", 0),
        (object_event("charge.updated", {"id": "ch_x", "balance_transaction": {"id": "txn_x"}}),
         "amount_captured is no amount", 0),
        (object_event("charge.refunded", {"id": "ch x"}), "id is no id", 1),
        (object_event("charge.refunded", {"id": "ch x"}, api_version="2020-08-27"), "id is no id", 1),
    ],
    ids=lambda given: given.type if isinstance(given, NewEvent) else str(given),
)  # fmt: skip
def test_an_object_that_cannot_be_read_is_ignored_with_the_reason(
    webhooks: WebhookHarness, event: NewEvent, outcome: str, findings: int
) -> None:
    assert webhooks.deliver(event) == [f"ignored: {outcome}"]
    assert value(webhooks.sessions, IGNORED_MONEY) == findings
