"""What refunds and disputes do to an order and to access."""

from core.findings.close import close_resolved
from tests.support.jobs import do, value
from tests.support.purchases import Purchase
from tests.support.webhook_harness import WebhookHarness, dispute_event, make_event, refund_event


def fulfilled(webhooks: WebhookHarness) -> Purchase:
    purchase = webhooks.place_order()
    webhooks.deliver(make_event(purchase))
    webhooks.run_jobs()
    assert (webhooks.order_state(purchase), webhooks.has_access(purchase)) == ("fulfilled", True)
    return purchase


def test_a_whole_refund_revokes_access_and_tells_the_buyer(webhooks: WebhookHarness) -> None:
    purchase = fulfilled(webhooks)
    assert webhooks.deliver(refund_event(purchase)) == ["processed: refund succeeded"]
    webhooks.run_jobs()
    assert (webhooks.order_state(purchase), webhooks.has_access(purchase)) == ("refunded", False)
    assert value(webhooks.sessions, "select count(*) from app.mail_messages where template = 'refunded'") == 1


def test_a_pending_refund_revokes_access_at_once(webhooks: WebhookHarness) -> None:
    purchase = fulfilled(webhooks)
    webhooks.deliver(refund_event(purchase, "pending"))
    webhooks.run_jobs()
    assert (webhooks.order_state(purchase), webhooks.has_access(purchase)) == ("refunded", False)


def test_a_refund_that_fails_restores_access_and_opens_a_finding(webhooks: WebhookHarness) -> None:
    purchase = fulfilled(webhooks)
    for status in ("pending", "succeeded", "failed"):
        webhooks.deliver(refund_event(purchase, status))
        webhooks.run_jobs()
    assert (webhooks.order_state(purchase), webhooks.has_access(purchase)) == ("fulfilled", True)
    assert webhooks.findings(purchase) == ["refund_failed"]


def test_a_refund_never_goes_back_to_an_earlier_state(webhooks: WebhookHarness) -> None:
    purchase = fulfilled(webhooks)
    webhooks.deliver(refund_event(purchase, "failed"))
    webhooks.deliver(refund_event(purchase, "succeeded"), refund_event(purchase, "pending"))
    webhooks.run_jobs()
    assert value(webhooks.sessions, "select state from app.refunds") == "failed"
    assert webhooks.has_access(purchase)


def test_a_partial_refund_leaves_access(webhooks: WebhookHarness) -> None:
    purchase = fulfilled(webhooks)
    webhooks.deliver(refund_event(purchase, amount=100))
    webhooks.run_jobs()
    assert (webhooks.order_state(purchase), webhooks.has_access(purchase)) == ("fulfilled", True)


def test_partial_refunds_of_the_whole_amount_revoke_access(webhooks: WebhookHarness) -> None:
    purchase = fulfilled(webhooks)
    webhooks.deliver(
        refund_event(purchase, id="re_1", amount=100), refund_event(purchase, id="re_2", amount=purchase.amount - 100)
    )
    webhooks.run_jobs()
    assert (webhooks.order_state(purchase), webhooks.has_access(purchase)) == ("refunded", False)


def test_the_refund_of_a_second_payment_leaves_access_and_closes_its_finding(webhooks: WebhookHarness) -> None:
    purchase = fulfilled(webhooks)
    webhooks.deliver(make_event(purchase, payment_intent="pi_second"))
    webhooks.deliver(refund_event(purchase, payment_intent="pi_second"))
    webhooks.run_jobs()
    assert (webhooks.order_state(purchase), webhooks.has_access(purchase)) == ("fulfilled", True)
    assert webhooks.findings(purchase) == ["second_payment"]
    with webhooks.sessions.begin() as session:
        assert close_resolved(session) == 1
    assert webhooks.findings(purchase) == []


def test_the_refund_of_one_of_two_purchases_of_a_course_leaves_the_other(webhooks: WebhookHarness) -> None:
    first, second = webhooks.place_order(), webhooks.place_order()
    one_buyer = "update app.orders set profile_id = (select profile_id from app.orders where id = :id)"
    do(webhooks.sessions, one_buyer, id=first.order_id)
    webhooks.deliver(make_event(first), make_event(second))
    webhooks.run_jobs()
    assert (webhooks.has_access(first), webhooks.has_access(second)) == (True, True)
    assert webhooks.findings(first) + webhooks.findings(second) == ["course_already_owned"]
    webhooks.deliver(refund_event(first))
    webhooks.run_jobs()
    assert (webhooks.has_access(first), webhooks.has_access(second)) == (False, True)
    with webhooks.sessions.begin() as session:
        assert close_resolved(session) == 1


def test_a_dispute_freezes_access_and_a_won_one_restores_it(webhooks: WebhookHarness) -> None:
    purchase = fulfilled(webhooks)
    webhooks.deliver(dispute_event(purchase))
    webhooks.run_jobs()
    assert (webhooks.order_state(purchase), webhooks.has_access(purchase)) == ("disputed", False)
    assert webhooks.findings(purchase) == ["dispute_open"]
    webhooks.deliver(dispute_event(purchase, "won"))
    webhooks.run_jobs()
    assert (webhooks.order_state(purchase), webhooks.has_access(purchase)) == ("fulfilled", True)
    with webhooks.sessions.begin() as session:
        close_resolved(session)
    assert webhooks.findings(purchase) == []


def test_a_lost_dispute_ends_access(webhooks: WebhookHarness) -> None:
    purchase = fulfilled(webhooks)
    webhooks.deliver(dispute_event(purchase), dispute_event(purchase, "lost"))
    webhooks.run_jobs()
    assert (webhooks.order_state(purchase), webhooks.has_access(purchase)) == ("disputed", False)


def test_a_refund_that_is_told_before_its_payment_is_applied_with_it(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    webhooks.deliver(refund_event(purchase))
    webhooks.run_jobs()
    assert webhooks.order_state(purchase) == "pending"
    webhooks.deliver(make_event(purchase))
    webhooks.run_jobs()
    assert (webhooks.order_state(purchase), webhooks.has_access(purchase)) == ("refunded", False)


def test_a_grant_that_is_replayed_after_a_refund_gives_no_access(webhooks: WebhookHarness) -> None:
    purchase = fulfilled(webhooks)
    webhooks.deliver(refund_event(purchase))
    webhooks.run_jobs()
    do(
        webhooks.sessions,
        "update app.jobs set state = 'pending', finished_at = null, result = null where kind = 'enrollments.grant'",
    )
    webhooks.run_jobs()
    assert not webhooks.has_access(purchase)


def test_a_refund_of_an_unknown_payment_is_stored(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    assert webhooks.deliver(refund_event(purchase, payment_intent="pi_elsewhere")) == ["processed: refund succeeded"]
    assert value(webhooks.sessions, "select provider_payment_id from app.refunds") == "pi_elsewhere"


def test_a_finding_about_a_refunded_payment_opens_again_when_the_refund_fails(webhooks: WebhookHarness) -> None:
    purchase = fulfilled(webhooks)
    webhooks.deliver(make_event(purchase, payment_intent="pi_second"))
    webhooks.deliver(refund_event(purchase, payment_intent="pi_second"))
    close(webhooks)
    assert webhooks.findings(purchase) == []
    for _ in range(2):
        webhooks.deliver(refund_event(purchase, "failed", payment_intent="pi_second"))
        webhooks.run_jobs()
        close(webhooks)
    assert webhooks.findings(purchase) == ["refund_failed", "second_payment"]


def test_a_finding_about_a_second_payment_opens_again_when_the_refund_of_the_first_fails(
    webhooks: WebhookHarness,
) -> None:
    purchase = fulfilled(webhooks)
    webhooks.deliver(make_event(purchase, payment_intent="pi_second"))
    webhooks.deliver(refund_event(purchase))
    webhooks.run_jobs()
    close(webhooks)
    assert webhooks.findings(purchase) == []
    webhooks.deliver(refund_event(purchase, "failed"))
    webhooks.run_jobs()
    close(webhooks)
    assert webhooks.findings(purchase) == ["refund_failed", "second_payment"]


def test_the_failed_refund_of_one_payment_opens_no_finding_about_another(webhooks: WebhookHarness) -> None:
    purchase = webhooks.place_order()
    for payment in ("pi_more", "pi_less"):
        webhooks.deliver(make_event(purchase, payment_intent=payment, amount_total=100))
        webhooks.deliver(refund_event(purchase, id=f"re_{payment}", payment_intent=payment, amount=100))
    close(webhooks)
    webhooks.deliver(refund_event(purchase, "failed", id="re_pi_less", payment_intent="pi_less", amount=100))
    webhooks.run_jobs()
    assert webhooks.findings(purchase) == ["payment_mismatch", "refund_failed"]


def close(webhooks: WebhookHarness) -> None:
    with webhooks.sessions.begin() as session:
        close_resolved(session)
