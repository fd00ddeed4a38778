"""Payment intents, charges and fraud warnings: facts about a payment, in any order, once or twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest

from core.findings.close import close_resolved
from core.maintenance.check import violations
from core.messages import FetchObject
from core.webhooks.new_event import NewEvent
from tests.support.jobs import jobs, value
from tests.support.purchases import Purchase
from tests.support.webhook_harness import (
    WebhookHarness,
    charge_event,
    failed_event,
    intent_event,
    make_event,
    object_event,
    refund_event,
    succeeded_event,
    unpaid_event,
)

FEE = "select fee_amount || ' ' || settled_amount || ' ' || settled_currency from app.book_entries"
ATTEMPT_FAILED = "payment_intent.payment_failed"
FREE = {"payment_intent": None, "payment_status": "no_payment_required", "amount_total": 0}


def warning_event(purchase: Purchase) -> NewEvent:
    warning = {"id": f"issfr_{purchase.order_id.hex}", "payment_intent": purchase.payment_id, "charge": "ch_1"}
    return object_event("radar.early_fraud_warning.created", warning)


def named_charge(purchase: Purchase) -> NewEvent:
    return charge_event(purchase, balance_transaction=f"txn_{purchase.order_id.hex}")


def refunded_charge(purchase: Purchase) -> NewEvent:
    return charge_event(purchase, "charge.refunded", amount_refunded=purchase.amount)


def fetches(webhooks: WebhookHarness) -> list[FetchObject]:
    return [FetchObject.read(job.payload) for job in jobs(webhooks.sessions, "webhooks.fetch")]


def test_a_payment_intent_pays_its_order_before_its_session(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    assert webhooks.deliver(intent_event(purchase)) == ["processed: paid"]
    assert webhooks.deliver(make_event(purchase)) == ["processed: the same payment again"]
    assert webhooks.payments(purchase) == [(purchase.payment_id, "succeeded", 49_900, "SEK")]
    assert (webhooks.order_state(purchase), webhooks.fulfil_jobs(), webhooks.findings(purchase)) == ("paid", 1, [])


@pytest.mark.parametrize(("changes", "findings"), [({"amount_received": 1}, ["payment_mismatch"]),
                                                   ({"currency": "eur"}, ["payment_mismatch"])])  # fmt: skip
def test_a_payment_intent_of_another_amount_or_currency_is_a_finding(
    webhooks: WebhookHarness, changes: dict[str, object], findings: list[str]
) -> None:
    purchase = webhooks.place_order()
    webhooks.deliver(intent_event(purchase, **changes))
    assert (webhooks.order_state(purchase), webhooks.findings(purchase)) == ("pending", findings)


@pytest.mark.parametrize(
    "make", [intent_event, charge_event, named_charge, refunded_charge, warning_event], ids=lambda make: make.__name__
)
@pytest.mark.parametrize("one_batch", [True, False], ids=["one batch", "two batches"])
def test_an_event_that_comes_twice_at_the_same_time_is_applied_once(
    webhooks: WebhookHarness,
    make: Callable[[Purchase], NewEvent],
    one_batch: bool,  # noqa: FBT001 - a parameter
) -> None:
    purchase = webhooks.place_order()
    webhooks.deliver(make_event(purchase))
    webhooks.run_jobs()
    first, second = make(purchase), make(purchase)
    webhooks.store(first)
    batches = [] if one_batch else [webhooks.claim()]
    webhooks.store(second)
    batches.append(webhooks.claim())
    with ThreadPoolExecutor(2) as pool:
        for ended in [pool.submit(webhooks.process, batch) for batch in batches]:
            ended.result(30)
    counts = [
        value(webhooks.sessions, f"select count(*) from {table}")  # noqa: S608 - names are ours
        for table in ("app.payments", "app.book_entries", "app.findings")
    ]
    assert counts == [1, int(make is charge_event), int(make is warning_event)]
    # A charge is fetched for one balance transaction, or one refunded amount, once.
    assert len([one for one in jobs(webhooks.sessions, "webhooks.fetch") if one.state == "pending"]) == (
        make in (named_charge, refunded_charge)
    )
    assert {webhooks.outcome(event).partition(":")[0] for event in (first, second)} == {"processed"}


@pytest.mark.parametrize("fee_first", [True, False])
def test_a_fee_is_known_before_or_after_its_payment(webhooks: WebhookHarness, fee_first: bool) -> None:  # noqa: FBT001 - a parameter
    purchase = webhooks.place_order()
    events = [make_event(purchase), charge_event(purchase)]
    for event in reversed(events) if fee_first else events:
        webhooks.deliver(event)
    joined = FEE + " e join app.payments p using (provider_payment_id) where p.amount = e.amount and e.kind = 'payment'"
    assert value(webhooks.sessions, joined) == "929 49900 SEK"
    assert webhooks.order_state(purchase) == "paid"


def test_a_fee_that_is_known_is_not_fetched(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    assert webhooks.deliver(named_charge(purchase)) == ["processed: its object is fetched"]
    assert fetches(webhooks) == [FetchObject(object_kind="charge", object_id=f"ch_{purchase.order_id.hex}")]
    webhooks.deliver(charge_event(purchase))
    assert webhooks.deliver(named_charge(purchase)) == ["processed: known already"]


@pytest.mark.parametrize(("status", "outcome"), [("succeeded", "known already"), ("pending", "known already"),
                                                 ("failed", "its object is fetched")])  # fmt: skip
def test_a_refunded_charge_is_fetched_unless_its_refunds_are_known(
    webhooks: WebhookHarness, status: str, outcome: str
) -> None:
    purchase = webhooks.place_order()
    webhooks.deliver(make_event(purchase), refund_event(purchase, status))
    assert webhooks.deliver(refunded_charge(purchase)) == [f"processed: {outcome}"]


def test_an_event_of_another_version_is_not_read_but_fetched(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    old = object_event("checkout.session.completed", {"id": purchase.session_id}, api_version="2020-08-27")
    unknown = object_event("invoice.paid", {"id": "in_1"}, api_version="2020-08-27")
    none = object_event("payment_intent.succeeded", {"id": purchase.payment_id}, api_version=None)
    fetched = "processed: its object is fetched"
    assert webhooks.deliver(old, unknown, none) == [fetched, "ignored: nothing to do", fetched]
    assert {(one.object_kind, one.object_id) for one in fetches(webhooks)} == {
        ("checkout.session", purchase.session_id),
        ("payment_intent", purchase.payment_id),
    }


def test_a_failed_attempt_leaves_the_checkout_open(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    events = intent_event(purchase, ATTEMPT_FAILED), make_event(purchase)
    assert webhooks.deliver(events[0]) == ["processed: an attempt failed: the buyer may try again"]
    is_open = "select closed_at is null from app.checkouts where order_id = :id"
    assert value(webhooks.sessions, is_open, id=purchase.order_id) is True
    assert webhooks.deliver(events[1]) == ["processed: paid"]
    assert webhooks.deliver(intent_event(purchase, ATTEMPT_FAILED)) == [
        "processed: an attempt failed: the buyer may try again"
    ]
    assert webhooks.order_state(purchase) == "paid"


def test_a_failed_attempt_of_a_payment_in_progress_is_asked_for_once(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    webhooks.deliver(unpaid_event(purchase))
    failed = [intent_event(purchase, ATTEMPT_FAILED) for _ in range(2)]
    assert webhooks.deliver(*failed) == ["processed: an attempt failed: its checkout is asked for"] * 2
    assert webhooks.order_state(purchase) == "processing"
    assert [job.payload["session_id"] for job in jobs(webhooks.sessions, "payments.ask_checkout")] == [
        purchase.session_id
    ]


@pytest.mark.parametrize("last", [succeeded_event, failed_event], ids=["succeeds", "fails"])
def test_the_end_of_a_payment_does_not_depend_on_the_order_of_its_events(
    webhooks: WebhookHarness, last: Callable[[Purchase], NewEvent]
) -> None:
    ends: set[tuple[object, ...]] = set()
    for order in permutations(range(4)):
        purchase = webhooks.place_order()
        paid = last is succeeded_event
        about = [unpaid_event(purchase), intent_event(purchase, ATTEMPT_FAILED), last(purchase)]
        about.append(intent_event(purchase) if paid else intent_event(purchase, ATTEMPT_FAILED))
        for number in order:
            webhooks.deliver(about[number])
        webhooks.run_jobs()
        states = [row[1] for row in webhooks.payments(purchase)]
        ends.add((webhooks.order_state(purchase), tuple(states), tuple(webhooks.findings(purchase))))
    assert ends == {("paid", ("succeeded",), ()) if last is succeeded_event else ("pending", ("failed",), ())}


def test_a_checkout_over_nothing_pays_an_order_over_nothing(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order(total_amount=0)
    free = [make_event(purchase, **FREE) for _ in range(2)]
    assert webhooks.deliver(*free) == ["processed: paid", "processed: the same payment again"]
    webhooks.run_jobs()
    assert (webhooks.order_state(purchase), webhooks.has_access(purchase)) == ("fulfilled", True)
    with webhooks.sessions.begin() as session:
        close_resolved(session)
        assert violations(session, 0) == {}


def test_a_checkout_over_nothing_changes_nothing_for_a_free_order_that_is_fulfilled(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order(total_amount=0, state="paid")
    assert webhooks.deliver(make_event(purchase, **FREE)) == ["processed: nothing to pay"]
    webhooks.run_jobs()
    assert (webhooks.order_state(purchase), webhooks.findings(purchase)) == ("paid", [])


def test_a_checkout_over_nothing_for_an_order_that_costs_is_a_finding(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    assert webhooks.deliver(make_event(purchase, **FREE)) == ["processed: wrong amount"]
    with webhooks.sessions.begin() as session:
        close_resolved(session)
    assert (webhooks.order_state(purchase), webhooks.findings(purchase)) == ("pending", ["payment_mismatch"])


def test_a_fraud_warning_is_a_finding_until_the_money_is_given_back(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    webhooks.deliver(make_event(purchase))
    assert webhooks.deliver(warning_event(purchase)) == ["processed: fraud warning"]
    assert webhooks.findings(purchase) == ["fraud_warning"]
    for status, findings in (("pending", ["fraud_warning"]), ("succeeded", [])):
        webhooks.deliver(refund_event(purchase, status))
        with webhooks.sessions.begin() as session:
            close_resolved(session)
        assert webhooks.findings(purchase) == findings
