"""Seats that are bought: held by the order, confirmed by its payment, given back with its money."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy.exc import IntegrityError

from core.seminars.tend import tend
from db.models import SeminarSeat
from tests.support.api_harness import User
from tests.support.concurrency import run_concurrently
from tests.support.jobs import do
from tests.support.problems import assert_problem
from tests.support.refund_harness import Bought, RefundHarness
from tests.support.webhook_harness import dispute_event, make_event


def run_tend(shop: RefundHarness) -> int:
    with shop.sessions.begin() as session:
        found = tend(session, shop.api.clock())
    shop.run()
    return found


def lapse(shop: RefundHarness) -> None:
    """Let the time of every hold and offer be over."""
    do(shop.sessions, "update app.seminar_seats set held_until = now() - interval '1 s' where held_until is not null")
    run_tend(shop)


def state_of(shop: RefundHarness, item: dict[str, object], user: User) -> str | None:
    return shop.api.seats(item).get(user.id)


def given_back(shop: RefundHarness, bought: Bought) -> int:
    return sum(refund.amount for refund in shop.refunds(bought))


def test_an_order_holds_a_seat_and_its_payment_confirms_it(shop: RefundHarness) -> None:
    item = shop.api.seminar()
    bought = shop.place(item)
    assert state_of(shop, item, bought.buyer) == "held"
    shop.tell(make_event(bought.purchase))
    assert state_of(shop, item, bought.buyer) == "confirmed"
    shown = bought.shown()
    assert shown["items"][0]["entitlement"] == "seated"
    assert (shop.mails("seat"), shop.mails("receipt")) == (1, 1)
    assert bought.buyer.http.get("/me/seminars").json()["items"][0]["seat"]["state"] == "confirmed"


def test_a_free_seat_is_confirmed_by_a_free_order(shop: RefundHarness) -> None:
    item = shop.api.seminar(amount=0)
    bought = shop.place(item)
    shop.run()
    assert state_of(shop, item, bought.buyer) == "confirmed"


def test_a_full_seminar_cannot_be_ordered(shop: RefundHarness) -> None:
    item = shop.api.seminar(capacity=1)
    shop.buy(item)
    refused = shop.api.user().post_order(shop.api.course(), item)
    assert assert_problem(refused, 409, "seats_full")["field"] == "items.1.seminar_id"


def test_a_seat_is_bought_once(shop: RefundHarness) -> None:
    item = shop.api.seminar()
    bought = shop.buy(item)
    assert assert_problem(bought.buyer.post_order(item), 409, "seat_owned")["field"] == "items.0.seminar_id"
    assert assert_problem(bought.buyer.post_order(item, item), 422, "product_twice")["field"] == "items.1.seminar_id"


@pytest.mark.parametrize("state", ["draft", "cancelled", "closed"])
def test_only_an_announced_seminar_is_on_sale(shop: RefundHarness, state: str) -> None:
    refused = shop.api.user().post_order(shop.api.seminar(state=state))
    assert assert_problem(refused, 422, "product_unavailable")["field"] == "items.0.seminar_id"


def test_a_seminar_that_is_over_is_not_on_sale(shop: RefundHarness) -> None:
    ended = shop.api.clock() - timedelta(minutes=1)
    item = shop.api.seminar(starts_at=ended - timedelta(hours=1), ends_at=ended, state="open")
    assert_problem(shop.api.user().post_order(item), 422, "product_unavailable")


def test_the_database_refuses_a_seat_over_the_capacity(shop: RefundHarness) -> None:
    item = shop.api.seminar(capacity=1)
    shop.buy(item)
    with pytest.raises(IntegrityError, match="seminars_not_oversold"):
        shop.api.add(
            SeminarSeat(seminar_id=item["seminar_id"], profile_id=shop.api.user().id, state="confirmed", source="guest")
        )


def test_a_cancelled_order_releases_its_seat(shop: RefundHarness) -> None:
    item = shop.api.seminar(capacity=1)
    bought = shop.place(item)
    assert bought.buyer.http.post(f"{bought.path}/cancel").status_code == 200
    shop.run()
    assert shop.api.seats(item) == {}
    shop.buy(item)


def test_a_hold_ends_some_time_after_its_order(shop: RefundHarness) -> None:
    item = shop.api.seminar(capacity=1)
    bought = shop.place(item)
    shop.api.set_order(str(bought.purchase.order_id), expires_at=shop.api.clock() - timedelta(seconds=1))
    run_tend(shop)
    assert state_of(shop, item, bought.buyer) == "held"
    lapse(shop)
    assert shop.api.seats(item) == {}


def test_a_hold_does_not_end_while_the_payment_is_on_its_way(shop: RefundHarness) -> None:
    item = shop.api.seminar(capacity=1)
    bought = shop.place(item)
    shop.api.set_order(str(bought.purchase.order_id), state="processing")
    lapse(shop)
    assert state_of(shop, item, bought.buyer) == "held"
    shop.api.set_order(str(bought.purchase.order_id), state="pending")


def test_a_late_payment_takes_a_seat_that_is_left(shop: RefundHarness) -> None:
    item = shop.api.seminar(capacity=1)
    bought = shop.place(item)
    lapse(shop)
    shop.tell(make_event(bought.purchase))
    assert state_of(shop, item, bought.buyer) == "confirmed"


def test_a_late_payment_for_a_seat_that_is_gone_is_given_back(shop: RefundHarness) -> None:
    item = shop.api.seminar(capacity=1)
    late = shop.place(shop.api.course(), item)
    lapse(shop)
    first = shop.buy(item)
    shop.tell(make_event(late.purchase))
    assert shop.api.seats(item) == {first.buyer.id: "confirmed"}
    assert given_back(shop, late) == 20_000
    assert shop.mails("seat_gone") == 1
    assert late.entitlements() == ["enrolled", "none"]
    assert shop.webhooks.findings(late.purchase) == []


def test_a_seat_paid_by_two_orders_is_given_once(shop: RefundHarness) -> None:
    item = shop.api.seminar()
    first = shop.place(item)
    shop.api.set_order(str(first.purchase.order_id), state="expired")
    second = shop.buy(item, buyer=first.buyer)
    shop.tell(make_event(first.purchase))
    assert shop.api.seats(item) == {first.buyer.id: "confirmed"}
    assert (given_back(shop, first), given_back(shop, second)) == (20_000, 0)


def test_a_refund_releases_the_seat_and_a_failed_one_gives_it_again(shop: RefundHarness) -> None:
    item = shop.api.seminar(capacity=1)
    bought = shop.buy(item)
    assert bought.ask().status_code == 202
    shop.run()
    assert shop.api.seats(item) == {}
    assert bought.entitlements() == ["none"]


def test_a_dispute_releases_the_seat_and_a_won_one_gives_it_again(shop: RefundHarness) -> None:
    item = shop.api.seminar(capacity=1)
    bought = shop.buy(item)
    shop.tell(dispute_event(bought.purchase))
    assert shop.api.seats(item) == {}
    shop.tell(dispute_event(bought.purchase, "won"))
    assert state_of(shop, item, bought.buyer) == "confirmed"


def test_a_race_for_the_last_seats_sells_none_twice(shop: RefundHarness) -> None:
    item = shop.api.seminar(capacity=3)
    buyers = [shop.api.user() for _ in range(12)]
    answers = run_concurrently(*(partial(buyer.post_order, item) for buyer in buyers))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 9
    assert list(shop.api.seats(item).values()) == ["held"] * 3


def test_orders_of_the_same_seminars_do_not_wait_for_each_other(shop: RefundHarness) -> None:
    one, other = shop.api.seminar(), shop.api.seminar()
    buyers = [shop.api.user() for _ in range(10)]
    one_way = [partial(buyer.post_order, one, other) for buyer in buyers[:5]]
    other_way = [partial(buyer.post_order, other, one) for buyer in buyers[5:]]
    answers = run_concurrently(*one_way, *other_way)
    assert {answer.status_code for answer in answers} == {201}
