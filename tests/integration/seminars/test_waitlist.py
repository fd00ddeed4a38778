"""Who waits for a seat is offered one in turn, for a time."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from core.seminars.tend import offer_until
from db.models import MailMessage
from tests.integration.seminars.test_bought_seats import lapse, run_tend
from tests.support.api_harness import User
from tests.support.problems import assert_problem
from tests.support.refund_harness import Bought, RefundHarness
from tests.support.webhook_harness import make_event

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def join(user: User, item: dict[str, object]) -> dict[str, object]:
    answer = user.http.post(f"/seminars/{item['seminar_id']}/waitlist")
    assert answer.status_code == 200, answer.text
    return answer.json()


def give_money_back(shop: RefundHarness, bought: Bought) -> None:
    assert bought.ask().status_code == 202
    shop.run()


def test_a_free_seat_is_offered_to_the_first_who_waits(shop: RefundHarness) -> None:
    item = shop.api.seminar(capacity=1)
    bought = shop.buy(item)
    first, second = shop.api.user(), shop.api.user()
    assert join(first, item)["state"] == join(second, item)["state"] == "waitlisted"
    give_money_back(shop, bought)
    assert_problem(shop.api.user().post_order(item), 409, "seats_full")
    run_tend(shop)
    assert shop.api.seats(item) == {first.id: "offered", second.id: "waitlisted"}
    with shop.sessions() as session:
        mail = session.scalars(select(MailMessage).where(MailMessage.template == "seat_offered")).one()
    assert mail.profile_id == first.id
    order = shop.place(item, buyer=first)
    assert shop.api.seats(item)[first.id] == "held"
    shop.tell(make_event(order.purchase))
    assert shop.api.seats(item) == {first.id: "confirmed", second.id: "waitlisted"}


def test_an_offer_that_is_not_taken_passes_on(shop: RefundHarness) -> None:
    item = shop.api.seminar(capacity=1)
    bought = shop.buy(item)
    first, second = shop.api.user(), shop.api.user()
    join(first, item)
    join(second, item)
    give_money_back(shop, bought)
    run_tend(shop)
    lapse(shop)
    assert shop.api.seats(item) == {second.id: "offered"}


def test_an_offer_that_is_given_up_passes_on(shop: RefundHarness) -> None:
    item = shop.api.seminar(capacity=1)
    bought = shop.buy(item)
    first, second = shop.api.user(), shop.api.user()
    join(first, item)
    join(second, item)
    give_money_back(shop, bought)
    run_tend(shop)
    assert first.http.delete(f"/seminars/{item['seminar_id']}/seat").status_code == 204
    run_tend(shop)
    assert shop.api.seats(item) == {second.id: "offered"}


def test_joining_again_changes_nothing(shop: RefundHarness) -> None:
    item = shop.api.seminar(capacity=1)
    shop.buy(item)
    user = shop.api.user()
    assert join(user, item) == join(user, item)


def test_there_is_no_waitlist_while_seats_are_left(shop: RefundHarness) -> None:
    item = shop.api.seminar(capacity=1)
    assert_problem(shop.api.user().http.post(f"/seminars/{item['seminar_id']}/waitlist"), 409, "seats_left")


@pytest.mark.parametrize(("state", "code"), [("cancelled", "seminar_state"), ("closed", "seminar_state")])
def test_there_is_no_waitlist_of_a_seminar_that_has_ended(shop: RefundHarness, state: str, code: str) -> None:
    item = shop.api.seminar(state=state)
    assert_problem(shop.api.user().http.post(f"/seminars/{item['seminar_id']}/waitlist"), 409, code)


def test_no_offer_is_made_once_the_seminar_has_begun(shop: RefundHarness) -> None:
    begun = shop.api.clock() - timedelta(minutes=1)
    item = shop.api.seminar(capacity=1, starts_at=begun, ends_at=begun + timedelta(hours=1), state="open")
    bought = shop.buy(item)
    user = shop.api.user()
    join(user, item)
    give_money_back(shop, bought)
    run_tend(shop)
    assert shop.api.seats(item) == {user.id: "waitlisted"}


@pytest.mark.parametrize(
    ("before", "offered"),
    [
        (timedelta(days=7), timedelta(hours=24)),
        (timedelta(hours=10), timedelta(hours=5)),
        (timedelta(minutes=20), timedelta(minutes=15)),
        (timedelta(minutes=5), timedelta(minutes=5)),
    ],
)
def test_an_offer_is_shorter_close_to_the_start(before: timedelta, offered: timedelta) -> None:
    assert offer_until(NOON, NOON + before) == NOON + offered
