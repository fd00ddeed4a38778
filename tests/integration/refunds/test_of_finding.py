"""The actions of findings about money: accept and fulfil, refund, dismiss."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from core.findings.kinds import Action
from core.findings.problems import FindingActionRefused, FindingClosed
from core.payments.problems import OrderAlreadyPaid, PaymentGivenBack
from core.ports.errors import GatewayRejected
from core.problems import InputInvalid, NotFound
from core.refunds.problems import PaymentUnknown, RefundOverLeft
from core.wiring.handlers import FINDING_ACTIONS
from db.models import Finding
from tests.support.api_harness import User
from tests.support.concurrency import run_concurrently
from tests.support.fake_gateway import made_id
from tests.support.jobs import do, value
from tests.support.refund_harness import Bought, RefundHarness
from tests.support.webhook_harness import make_event, refund_event


def paid_twice(shop: RefundHarness, teacher: User) -> Bought:
    bought = shop.buy(shop.course(teacher))
    shop.tell(make_event(bought.purchase, payment_intent=f"pi_second_{bought.purchase.order_id.hex}"))
    return bought


def paid_wrongly(shop: RefundHarness, teacher: User, **changes: object) -> Bought:
    """An order whose payment has another amount."""
    bought = shop.place(shop.course(teacher), shop.service(teacher))
    shop.tell(make_event(bought.purchase, **{"amount_total": 100_000, **changes}))
    return bought


def paid_after_cancellation(shop: RefundHarness, teacher: User) -> Bought:
    bought = shop.place(shop.course(teacher))
    assert bought.buyer.http.post(f"{bought.path}/cancel").json()["state"] == "cancelled"
    shop.tell(make_event(bought.purchase))
    return bought


Situation = Callable[[RefundHarness, User], Bought]
SITUATIONS = [
    pytest.param("second_payment", paid_twice, id="second payment"),
    pytest.param("payment_mismatch", paid_wrongly, id="wrong amount"),
    pytest.param("closed_order_paid", paid_after_cancellation, id="cancelled order"),
]
ACCEPTABLE = SITUATIONS[1:]


@pytest.mark.parametrize(("kind", "situation"), SITUATIONS)
def test_a_refund_gives_the_payment_back_and_closes_the_finding(
    shop: RefundHarness, teacher: User, admin: User, kind: str, situation: Situation
) -> None:
    bought = situation(shop, teacher)
    state, finding = shop.state(bought), shop.finding(kind)
    shop.act("refund", finding, admin)
    assert shop.closed(finding) is None
    shop.run()
    assert shop.close_resolved() == 1
    assert (shop.closed(finding), shop.state(bought)) == ("refunded", state)
    (request,) = shop.gateway.refunds.values()
    payment = "select p.provider_payment_id from app.findings f join app.payments p on p.id = f.subject_id"
    assert request.payment_id == value(shop.sessions, f"{payment} where f.id = :id", id=finding)
    assert shop.mails("refunded") == 1


@pytest.mark.parametrize(("kind", "situation"), ACCEPTABLE)
def test_an_accepted_payment_covers_its_order_which_is_fulfilled(
    shop: RefundHarness, teacher: User, admin: User, kind: str, situation: Situation
) -> None:
    bought = situation(shop, teacher)
    finding = shop.finding(kind)
    shop.act("accept", finding, admin, " it is fine ")
    shop.run()
    assert (shop.state(bought), bought.entitlements()[0]) == ("fulfilled", "enrolled")
    assert shop.closed(finding) == "accepted"
    audited = "select actor_id::text from app.audit_events where tag = :tag and subject_id = :id"
    for tag, subject in (
        ("payments:order:accepted", bought.purchase.order_id),
        ("findings:finding:closed", finding),
    ):
        assert value(shop.sessions, audited, tag=tag, id=subject) == str(admin.id)
    assert shop.violations() == {}


def test_an_accepted_payment_is_refunded_by_amount_and_whole(shop: RefundHarness, teacher: User, admin: User) -> None:
    bought = paid_wrongly(shop, teacher)
    shop.act("accept", shop.finding("payment_mismatch"), admin)
    shop.run()
    assert bought.shown()["left_to_refund"] == 100_000
    assert bought.ask(items=[bought.items[0]]).status_code == 202
    shop.run()
    assert bought.entitlements() == ["none", "booked"]
    assert bought.ask(items=[bought.items[1]]).json()["code"] == "refund_over_left"
    assert bought.ask().json()["amount"] == 50_100
    shop.run()
    assert (shop.state(bought), bought.entitlements()) == ("refunded", ["none", "none"])


def test_lines_that_were_paid_in_another_currency_are_not_refunded_by_line(
    shop: RefundHarness, teacher: User, admin: User
) -> None:
    bought = paid_wrongly(shop, teacher, currency="eur", amount_total=9_000)
    shop.act("accept", shop.finding("payment_mismatch"), admin)
    shop.run()
    refused = bought.ask(items=[bought.items[0]]).json()
    assert (refused["code"], refused["field"]) == ("order_not_refundable", "items")
    asked = bought.ask().json()
    assert (asked["amount"], asked["currency"]) == (9_000, "EUR")


def test_a_payment_of_a_paid_order_is_not_accepted(shop: RefundHarness, teacher: User, admin: User) -> None:
    bought = paid_wrongly(shop, teacher)
    shop.tell(make_event(bought.purchase, payment_intent=f"pi_right_{bought.purchase.order_id.hex}"))
    with pytest.raises(OrderAlreadyPaid, match="fulfilled by another payment"):
        shop.act("accept", shop.finding("payment_mismatch"), admin)


def test_a_payment_that_goes_back_is_not_accepted(shop: RefundHarness, teacher: User, admin: User) -> None:
    paid_wrongly(shop, teacher)
    finding = shop.finding("payment_mismatch")
    shop.act("refund", finding, admin)
    with pytest.raises(PaymentGivenBack):
        shop.act("accept", finding, admin)


@pytest.mark.parametrize("action", ["accept", "refund", "dismiss"])
def test_an_action_needs_an_open_finding_and_a_reason(
    shop: RefundHarness, teacher: User, admin: User, action: str
) -> None:
    paid_wrongly(shop, teacher)
    finding = shop.finding("payment_mismatch")
    with pytest.raises(InputInvalid, match="reason of 1 to 500"):
        shop.act(action, finding, admin, "  ")
    with pytest.raises(NotFound):
        shop.act(action, uuid4(), admin)
    assert shop.closed(finding) is None
    shop.act("dismiss", finding, admin)
    with pytest.raises(FindingClosed, match="dismissed"):
        shop.act(action, finding, admin)


@pytest.mark.parametrize("action", ["accept", "refund", "dismiss"])
def test_an_action_sees_that_another_operator_has_closed_the_finding(
    shop: RefundHarness, teacher: User, admin: User, action: Action
) -> None:
    paid_wrongly(shop, teacher)
    finding = shop.finding("payment_mismatch")
    with shop.sessions.begin() as session:
        assert session.get_one(Finding, finding).closed_at is None
        shop.act("dismiss", finding, admin)
        with pytest.raises(FindingClosed):
            FINDING_ACTIONS[action](session, finding, actor_id=admin.id, reason="x", now=shop.api.clock())
    assert shop.gateway.refunds == {}


def test_a_kind_without_the_action_refuses_it(shop: RefundHarness, teacher: User, admin: User) -> None:
    paid_twice(shop, teacher)
    with pytest.raises(FindingActionRefused, match="refund, dismiss"):
        shop.act("accept", shop.finding("second_payment"), admin)


def test_a_refund_that_is_on_its_way_is_not_asked_again(shop: RefundHarness, teacher: User, admin: User) -> None:
    paid_twice(shop, teacher)
    finding = shop.finding("second_payment")
    run_concurrently(*[lambda: shop.act("refund", finding, admin)] * 3)
    shop.run()
    shop.act("refund", finding, admin)
    shop.run()
    assert len(shop.gateway.refunds) == 1


def test_a_finding_comes_back_when_its_refund_fails(shop: RefundHarness, teacher: User, admin: User) -> None:
    bought = paid_twice(shop, teacher)
    finding = shop.finding("second_payment")
    shop.act("refund", finding, admin)
    shop.run()
    shop.close_resolved()
    assert shop.webhooks.findings(bought.purchase) == []
    ((key, request),) = shop.gateway.refunds.items()
    failed = refund_event(
        bought.purchase,
        "failed",
        id=made_id(key),
        payment_intent=request.payment_id,
        metadata={"refund_id": request.refund_id},
    )
    shop.tell(failed)
    assert shop.webhooks.findings(bought.purchase) == ["refund_failed", "second_payment"]
    shop.act("dismiss", shop.finding("second_payment"), admin)
    do(shop.sessions, "update app.jobs set state = 'pending', finished_at = null where kind = 'payments.derive'")
    shop.run()
    assert shop.webhooks.findings(bought.purchase) == ["refund_failed"]


def test_a_failed_refund_is_tried_again_as_a_new_one(shop: RefundHarness, teacher: User, admin: User) -> None:
    bought = shop.buy(shop.course(teacher), shop.service(teacher))
    bought.ask(items=[bought.items[0]])
    shop.gateway.fault = GatewayRejected("no")
    shop.run()
    shop.gateway.fault = None
    finding = shop.finding("refund_failed")
    shop.act("refund", finding, admin)
    shop.run()
    assert [(one.state, one.amount) for one in shop.refunds(bought)] == [("failed", 49_900), ("succeeded", 49_900)]
    assert bought.entitlements() == ["none", "booked"]
    assert (shop.close_resolved(), shop.closed(finding)) == (1, "refunded")


def test_a_repeated_refund_asks_for_no_more_than_is_left(shop: RefundHarness, teacher: User, admin: User) -> None:
    bought = shop.buy(shop.course(teacher))
    shop.gateway.fault = GatewayRejected("no")
    bought.ask()
    shop.run()
    shop.gateway.fault = None
    bought.ask(admin, amount=100, reason="x")
    shop.run()
    with pytest.raises(RefundOverLeft) as refused:
        shop.act("refund", shop.finding("refund_failed"), admin)
    assert refused.value.left_amount == 49_800


def test_a_failed_refund_is_resolved_when_everything_was_given_back(
    shop: RefundHarness, teacher: User, admin: User
) -> None:
    bought = shop.buy(shop.course(teacher))
    shop.gateway.fault = GatewayRejected("no")
    bought.ask()
    shop.run()
    shop.gateway.fault = None
    finding = shop.finding("refund_failed")
    bought.ask(admin, reason="x")
    shop.run()
    assert (shop.close_resolved(), shop.closed(finding)) == (1, "refunded")


def test_a_course_that_was_owned_already_is_refunded_as_its_line(
    shop: RefundHarness, teacher: User, admin: User
) -> None:
    bought = shop.buy(shop.course(teacher), shop.service(teacher))
    open_finding = """
        insert into app.findings (kind, subject_id, order_id) values ('course_already_owned', :item, :order)
    """
    do(shop.sessions, open_finding, item=UUID(bought.items[0]), order=bought.purchase.order_id)
    finding = shop.finding("course_already_owned")
    shop.act("refund", finding, admin)
    shop.run()
    assert (shop.state(bought), bought.shown()["left_to_refund"]) == ("fulfilled", 80_000)
    assert (shop.close_resolved(), shop.closed(finding)) == (1, "refunded")


def test_the_payment_of_another_order_is_refunded_where_it_is_known(
    shop: RefundHarness, teacher: User, admin: User
) -> None:
    bought, other = shop.buy(shop.course(teacher)), shop.place(shop.course(teacher))
    shop.tell(make_event(other.purchase, payment_intent=bought.purchase.payment_id))
    finding = shop.finding("payment_of_another_order")
    shop.act("refund", finding, admin)
    shop.run()
    assert (shop.state(bought), shop.state(other)) == ("refunded", "pending")
    assert (shop.close_resolved(), shop.closed(finding)) == (1, "refunded")


def test_without_a_known_payment_nothing_is_refunded(shop: RefundHarness, admin: User) -> None:
    unknown = """
        insert into app.findings (kind, subject_id, details)
        values ('payment_of_another_order', app.uuid7(), '{"payment": "pi_unknown"}'),
               ('refund_failed', app.uuid7(), '{}')
    """
    do(shop.sessions, unknown)
    for kind in ("payment_of_another_order", "refund_failed"):
        with pytest.raises(PaymentUnknown):
            shop.act("refund", shop.finding(kind), admin)
