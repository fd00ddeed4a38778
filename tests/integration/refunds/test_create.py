"""The job refunds.create: the call, what comes between its steps, and what follows from the answer."""

from datetime import timedelta

import pytest

from core.ports.errors import GatewayRejected, GatewayUnavailable
from core.webhooks.new_event import NewEvent
from tests.support.api_harness import User
from tests.support.concurrency import run_concurrently
from tests.support.fake_gateway import made_id
from tests.support.jobs import claim_all, do, value
from tests.support.refund_harness import Bought, RefundHarness
from tests.support.webhook_harness import refund_event


def asked(shop: RefundHarness, teacher: User) -> tuple[Bought, str]:
    """An order whose first of two lines is asked for, and the refund's id."""
    bought = shop.buy(shop.course(teacher), shop.service(teacher))
    return bought, bought.ask(items=[bought.items[0]]).json()["id"]


def told(bought: Bought, refund_id: str, status: str = "succeeded") -> NewEvent:
    """The provider's event about the refund that was asked for, as the fake gateway names it."""
    return refund_event(
        bought.purchase,
        status,
        id=made_id(f"refund-{refund_id}"),
        amount=49_900,
        metadata={"refund_id": refund_id, "order_id": str(bought.purchase.order_id)},
    )


def provider_ids(shop: RefundHarness, bought: Bought) -> list[str | None]:
    return [refund.provider_refund_id for refund in shop.refunds(bought)]


def test_the_call_names_the_refund_and_its_order(shop: RefundHarness, teacher: User) -> None:
    bought, refund_id = asked(shop, teacher)
    shop.run()
    ((key, request),) = shop.gateway.refunds.items()
    assert key == f"refund-{refund_id}"
    assert (request.payment_id, request.amount) == (bought.purchase.payment_id, 49_900)
    assert (request.refund_id, request.order_id) == (refund_id, str(bought.purchase.order_id))


def test_an_event_that_is_faster_than_the_answer_is_about_the_same_refund(shop: RefundHarness, teacher: User) -> None:
    bought, refund_id = asked(shop, teacher)
    event = told(bought, refund_id)
    shop.gateway.refund_status = "pending"
    shop.gateway.while_refunding = lambda: shop.tell(event)
    shop.run()
    assert shop.states(bought) == ["succeeded"]
    assert provider_ids(shop, bought) == [event.data["provider_id"]]


def test_an_event_that_comes_before_the_call_makes_the_call_needless(shop: RefundHarness, teacher: User) -> None:
    bought, refund_id = asked(shop, teacher)
    shop.tell(told(bought, refund_id))
    assert (shop.states(bought), bought.entitlements()) == (["succeeded"], ["none", "booked"])


def test_an_event_after_the_answer_moves_the_same_refund_forward(shop: RefundHarness, teacher: User) -> None:
    bought, refund_id = asked(shop, teacher)
    shop.gateway.refund_status = "pending"
    shop.run()
    assert (shop.states(bought), shop.mails("refunded")) == (["pending"], 0)
    shop.tell(told(bought, refund_id))
    assert (shop.states(bought), shop.mails("refunded")) == (["succeeded"], 1)


@pytest.mark.parametrize("in_one_batch", [True, False], ids=["in one batch", "in two"])
def test_the_same_event_twice_changes_the_refund_once(
    shop: RefundHarness, teacher: User, *, in_one_batch: bool
) -> None:
    bought, refund_id = asked(shop, teacher)
    first, second = told(bought, refund_id), told(bought, refund_id)
    if in_one_batch:
        shop.tell(first, second)
    else:
        shop.tell(first)
        shop.tell(second)
    assert (shop.states(bought), shop.mails("refunded")) == (["succeeded"], 1)


def test_events_about_one_refund_at_the_same_moment_change_it_once(shop: RefundHarness, teacher: User) -> None:
    bought, refund_id = asked(shop, teacher)
    shop.gateway.fault = GatewayUnavailable("Stripe: down")
    shop.run()
    shop.webhooks.store(*[told(bought, refund_id, status) for status in ("pending", "succeeded", "succeeded")])
    batches = claim_all(shop.sessions, size=1)
    assert [batch.kind for batch in batches] == ["webhooks.process"] * 3
    run_concurrently(*[lambda one=batch: shop.webhooks.process(one) for batch in batches])
    shop.run()
    assert (shop.states(bought), shop.mails("refunded")) == (["succeeded"], 1)
    assert provider_ids(shop, bought) == [made_id(f"refund-{refund_id}")]


def test_a_refund_made_at_the_provider_is_a_row_of_its_own(shop: RefundHarness, teacher: User) -> None:
    bought, _ = asked(shop, teacher)
    shop.tell(refund_event(bought.purchase, id="re_dashboard", amount=100))
    assert shop.states(bought) == ["succeeded", "succeeded"]
    assert [one["requested_as"] for one in bought.shown()["refunds"]] == ["buyer", None]


@pytest.mark.parametrize(
    "metadata",
    [{"refund_id": "x"}, {"refund_id": "00000000-0000-0000-0000-000000000001"}, {"refund_id": 5}, None, "x"],
    ids=["no id", "unknown id", "a number", "no metadata", "a text"],
)
def test_a_refund_with_other_metadata_is_stored(shop: RefundHarness, teacher: User, metadata: object) -> None:
    bought, _ = asked(shop, teacher)
    event = refund_event(bought.purchase, id="re_other", amount=100, metadata=metadata)
    shop.tell(event)
    assert shop.webhooks.outcome(event) == "processed: refund succeeded"
    assert len(shop.refunds(bought)) == 2


def test_a_lost_answer_is_asked_for_with_the_same_key(shop: RefundHarness, teacher: User) -> None:
    bought, refund_id = asked(shop, teacher)
    shop.gateway.while_refunding = _unavailable
    shop.run()
    assert shop.states(bought) == ["requested"]
    shop.gateway.while_refunding = lambda: None
    shop.run_later()
    assert (shop.states(bought), list(shop.gateway.refunds)) == (["succeeded"], [f"refund-{refund_id}"])


def test_after_the_life_of_the_key_the_refund_is_looked_for_first(shop: RefundHarness, teacher: User) -> None:
    bought, refund_id = asked(shop, teacher)
    shop.gateway.while_refunding = _unavailable
    shop.run()
    shop.gateway.while_refunding = lambda: None
    shop.gateway.keys_forgotten = True
    shop.age(refund_id, timedelta(hours=25))
    shop.run_later()
    assert (shop.states(bought), list(shop.gateway.refunds)) == (["succeeded"], [f"refund-{refund_id}"])


def test_an_old_refund_that_never_arrived_is_created(shop: RefundHarness, teacher: User) -> None:
    bought, refund_id = asked(shop, teacher)
    shop.age(refund_id, timedelta(days=2))
    shop.run()
    assert (shop.states(bought), len(shop.gateway.refunds)) == (["succeeded"], 1)


def test_access_ends_while_the_provider_does_not_answer(shop: RefundHarness, teacher: User) -> None:
    bought, _ = asked(shop, teacher)
    shop.gateway.fault = GatewayUnavailable("Stripe: down")
    shop.run()
    assert (shop.states(bought), bought.entitlements()) == (["requested"], ["none", "booked"])
    assert shop.mails("refunded") == 0


def test_a_rejected_refund_restores_access_and_opens_a_finding(shop: RefundHarness, teacher: User) -> None:
    bought, refund_id = asked(shop, teacher)
    shop.gateway.fault = GatewayRejected("Stripe answered 400: Charge ch_1 has been charged back")
    shop.run()
    assert bought.entitlements() == ["enrolled", "booked"]
    (refund,) = shop.refunds(bought)
    assert (refund.state, refund.failure) == ("failed", "Stripe answered 400: Charge ch_1 has been charged back")
    assert shop.webhooks.findings(bought.purchase) == ["refund_failed"]
    details = "select details ->> 'reason' from app.findings where subject_id = :id"
    assert "charged back" in str(value(shop.sessions, details, id=refund_id))
    assert (shop.mails("refunded"), shop.mails("refund_failed")) == (0, 1)
    assert shop.audited(refund_id) == ["refunds:refund:requested", "refunds:refund:rejected"]
    shown = bought.shown()
    assert (shown["left_to_refund"], shown["refunded_amount"]) == (129_900, 0)
    assert "charged back" not in str(shown)


def test_a_rejected_job_is_done_and_not_dead(shop: RefundHarness, teacher: User) -> None:
    bought = shop.buy(shop.course(teacher))
    path = bought.ask().json()["job"]
    shop.gateway.fault = GatewayRejected("Stripe answered 400: no")
    shop.run()
    assert bought.buyer.http.get(path).json()["state"] == "succeeded"


def test_a_rejection_after_an_earlier_success_is_no_failure(shop: RefundHarness, teacher: User) -> None:
    bought, _ = asked(shop, teacher)
    shop.gateway.while_refunding = _unavailable
    shop.run()
    shop.gateway.fault = GatewayRejected("Stripe answered 400: already refunded")
    shop.run_later()
    assert (shop.states(bought), shop.webhooks.findings(bought.purchase)) == (["succeeded"], [])


def test_the_providers_word_replaces_a_failure_that_was_only_thought_here(shop: RefundHarness, teacher: User) -> None:
    bought, refund_id = asked(shop, teacher)
    shop.gateway.fault = GatewayRejected("Stripe answered 400: no")
    shop.run()
    assert shop.states(bought) == ["failed"]
    shop.tell(told(bought, refund_id))
    assert (shop.states(bought), bought.entitlements()) == (["succeeded"], ["none", "booked"])
    assert shop.close_resolved() == 1
    assert shop.webhooks.findings(bought.purchase) == []


def test_a_failed_refund_restores_its_line_and_can_be_asked_again(shop: RefundHarness, teacher: User) -> None:
    bought, refund_id = asked(shop, teacher)
    shop.run()
    assert bought.entitlements() == ["none", "booked"]
    shop.tell(told(bought, refund_id, "failed"))
    assert (shop.states(bought), bought.entitlements()) == (["failed"], ["enrolled", "booked"])
    assert (shop.mails("refund_failed"), shop.webhooks.findings(bought.purchase)) == (1, ["refund_failed"])
    assert bought.ask(items=[bought.items[0]]).status_code == 202
    shop.run()
    assert (shop.states(bought), bought.entitlements()) == (["failed", "succeeded"], ["none", "booked"])


def test_a_failed_whole_refund_keeps_the_line_that_was_given_back(shop: RefundHarness, teacher: User) -> None:
    bought, _ = asked(shop, teacher)
    shop.run()
    shop.gateway.fault = GatewayRejected("no")
    bought.ask()
    shop.run()
    assert (shop.state(bought), bought.entitlements()) == ("fulfilled", ["none", "booked"])


def test_the_derivation_and_the_grant_of_a_line_are_idempotent(shop: RefundHarness, teacher: User) -> None:
    bought, _ = asked(shop, teacher)
    shop.run()
    again = "update app.jobs set state = 'pending', finished_at = null, result = null where kind = any (:kinds)"
    do(shop.sessions, again, kinds=["enrollments.grant", "enrollments.revoke", "payments.derive", "refunds.create"])
    shop.run()
    assert (shop.states(bought), bought.entitlements()) == (["succeeded"], ["none", "booked"])
    assert (len(shop.gateway.refunds), shop.mails("refunded")) == (1, 1)


def test_a_dead_job_is_a_finding_until_its_replay_succeeds(shop: RefundHarness, teacher: User) -> None:
    bought, _ = asked(shop, teacher)
    do(shop.sessions, "update app.jobs set unavailable_since = now() - interval '4 days' where kind = 'refunds.create'")
    shop.gateway.fault = GatewayUnavailable("Stripe: down")
    shop.run()
    dead = shop.finding("job_dead")
    shop.gateway.fault = None
    do(shop.sessions, "update app.jobs set state = 'pending', finished_at = null, attempts = 0 where state = 'dead'")
    shop.run_later()
    assert shop.close_resolved() == 1
    assert (shop.states(bought), shop.closed(dead)) == (["succeeded"], "resolved")


def _unavailable() -> None:
    raise GatewayUnavailable("Stripe: the answer was lost")
