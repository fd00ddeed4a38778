"""POST /orders/{id}/refund: who may ask, for what, until when, and what follows."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from db.models import Lesson
from tests.support.api_harness import ApiHarness, User
from tests.support.concurrency import run_concurrently
from tests.support.jobs import value
from tests.support.problems import assert_problem
from tests.support.refund_harness import RefundHarness
from tests.support.webhook_harness import dispute_event


def test_the_buyer_gets_the_whole_order_back(shop: RefundHarness, teacher: User) -> None:
    bought = shop.buy(shop.course(teacher), shop.service(teacher))
    answer = bought.ask(reason="I have no time")
    asked = answer.json()
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == asked["job"]
    assert (asked["state"], asked["amount"], asked["currency"]) == ("requested", 129_900, "SEK")
    assert (asked["requested_as"], asked["reason"], asked["items"]) == ("buyer", "I have no time", [])
    assert bought.buyer.http.get(asked["job"]).status_code == 200
    shop.run()
    shown = bought.shown()
    assert (shown["state"], shown["refunded_amount"], shown["left_to_refund"]) == ("refunded", 129_900, 0)
    assert [(one["id"], one["state"]) for one in shown["refunds"]] == [(asked["id"], "succeeded")]
    assert bought.entitlements() == ["none", "none"]
    assert shop.audited(asked["id"]) == ["refunds:refund:requested", "refunds:refund:created"]
    assert shop.mails("refunded") == 1


def test_a_line_is_given_back_and_the_other_stays(shop: RefundHarness, teacher: User) -> None:
    bought = shop.buy(shop.course(teacher), shop.service(teacher))
    asked = bought.ask(items=[bought.items[0]]).json()
    assert (asked["amount"], asked["items"]) == (49_900, [bought.items[0]])
    shop.run()
    shown = bought.shown()
    assert (shown["state"], shown["refunded_amount"], shown["left_to_refund"]) == ("fulfilled", 49_900, 80_000)
    assert {item["id"] for item in shown["items"] if item["refunded_at"]} == {bought.items[0]}
    assert bought.entitlements() == ["none", "booked"]


def test_a_booked_service_is_given_back_alone(shop: RefundHarness, teacher: User) -> None:
    bought = shop.buy(shop.course(teacher), shop.service(teacher))
    bought.ask(items=[bought.items[1]])
    shop.run()
    assert bought.entitlements() == ["enrolled", "none"]
    state = "select state from app.service_orders where order_id = :id"
    assert value(shop.sessions, state, id=bought.purchase.order_id) == "refunded"


def test_the_last_line_makes_the_order_refunded(shop: RefundHarness, teacher: User) -> None:
    bought = shop.buy(shop.course(teacher), shop.service(teacher))
    for item in bought.items:
        assert bought.ask(items=[item]).status_code == 202
        shop.run()
    assert shop.state(bought) == "refunded"
    assert bought.entitlements() == ["none", "none"]


def test_a_refunded_course_can_be_bought_again(shop: RefundHarness, teacher: User) -> None:
    course = shop.course(teacher)
    bought = shop.buy(course, shop.service(teacher))
    bought.ask(items=[bought.items[0]])
    shop.run()
    assert shop.buy(course, buyer=bought.buyer).entitlements() == ["enrolled"]


def test_a_teacher_gives_back_a_line_after_the_buyers_time(shop: RefundHarness, teacher: User) -> None:
    bought = shop.buy(shop.course(teacher, refund_days=0), shop.service(shop.api.user("teacher")))
    answer = bought.ask(teacher, items=[bought.items[0]], reason="a present")
    assert (answer.status_code, answer.json()["requested_as"]) == (202, "teacher")
    shop.run()
    assert bought.entitlements() == ["none", "booked"]


def test_a_teacher_of_all_items_gives_back_an_amount_and_access_stays(shop: RefundHarness, teacher: User) -> None:
    bought = shop.buy(shop.course(teacher), shop.service(teacher))
    assert bought.ask(teacher, amount=100, reason="sorry").status_code == 202
    shop.run()
    assert (shop.state(bought), bought.shown()["left_to_refund"]) == ("fulfilled", 129_800)
    assert bought.entitlements() == ["enrolled", "booked"]


def test_amounts_that_give_everything_back_revoke_everything(shop: RefundHarness, admin: User, teacher: User) -> None:
    bought = shop.buy(shop.course(teacher))
    for amount in (100, 49_800):
        assert bought.ask(admin, amount=amount, reason="agreed").status_code == 202
    shop.run()
    assert (shop.state(bought), bought.entitlements()) == ("refunded", ["none"])


def test_an_operator_gives_any_order_back_at_any_time(shop: RefundHarness, admin: User, teacher: User) -> None:
    bought = shop.buy(shop.course(teacher, refund_days=0))
    answer = bought.ask(admin, reason="agreed")
    assert (answer.status_code, answer.json()["requested_as"]) == (202, "admin")


def test_the_same_key_asks_once(shop: RefundHarness, teacher: User) -> None:
    bought = shop.buy(shop.course(teacher))
    first, again = (bought.ask(key="one") for _ in range(2))
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert shop.states(bought) == ["requested"]


def test_of_two_requests_at_once_one_is_told_what_is_left(shop: RefundHarness, admin: User, teacher: User) -> None:
    bought = shop.buy(shop.course(teacher))
    ask = [lambda: bought.ask(admin, amount=30_000, reason="agreed")] * 2
    answers = sorted(run_concurrently(*ask), key=lambda answer: answer.status_code)
    assert answers[0].status_code == 202
    problem = assert_problem(answers[1], 409, "refund_over_left")
    assert (problem["left_amount"], problem["field"]) == (19_900, "amount")
    assert shop.states(bought) == ["requested"]


def test_more_than_is_left_is_refused(shop: RefundHarness, admin: User, teacher: User) -> None:
    bought = shop.buy(shop.course(teacher), shop.service(teacher))
    bought.ask(admin, amount=100_000, reason="agreed")
    over = assert_problem(bought.ask(items=[bought.items[0]]), 409, "refund_over_left")
    assert (over["left_amount"], over["field"]) == (29_900, "items")
    assert "29900 SEK" in over["detail"]
    assert bought.ask().json()["amount"] == 29_900
    assert assert_problem(bought.ask(admin, reason="x"), 409, "refund_over_left")["left_amount"] == 0


def test_after_its_time_a_refund_is_refused_with_the_date(shop: RefundHarness, teacher: User) -> None:
    bought = shop.buy(shop.course(teacher, refund_days=10))
    (terms,) = bought.shown()["refund_terms"]
    shop.api.set_order(str(bought.purchase.order_id), paid_at=shop.api.clock() - timedelta(days=10, minutes=1))
    problem = assert_problem(bought.ask(), 409, "refund_time_over")
    (late,) = bought.shown()["refund_terms"]
    assert late["until"][:16] in problem["detail"]
    assert (terms["can_ask"], late["can_ask"], late["refusal"]) == (True, False, "refund_time_over")
    assert problem["detail"] == late["refusal_detail"]


def test_without_refund_days_the_buyer_cannot_ask(shop: RefundHarness, teacher: User) -> None:
    bought = shop.buy(shop.course(teacher, refund_days=0))
    assert_problem(bought.ask(), 409, "refund_time_over")
    assert [(one["until"], one["can_ask"]) for one in bought.shown()["refund_terms"]] == [(None, False)]


def test_after_too_much_progress_a_refund_is_refused_with_the_limit(shop: RefundHarness, teacher: User) -> None:
    course = shop.course(teacher, refund_max_progress=50)
    course_id = UUID(str(course["course_id"]))
    lessons = [shop.api.add(Lesson(course_id=course_id, position=number, title="L")) for number in range(1, 5)]
    bought = shop.buy(course, shop.service(teacher))
    paths = [f"/courses/{course_id}/lessons/{lesson.id}/completion" for lesson in lessons]
    for path in paths[:2]:
        assert bought.buyer.http.put(path).status_code == 204
    terms = {one["item_id"]: (one["progress"], one["can_ask"]) for one in bought.shown()["refund_terms"]}
    assert [terms[item] for item in bought.items] == [(50, True), (0, True)]
    bought.buyer.http.put(paths[2])
    bodies: list[dict[str, Any]] = [{}, {"items": [bought.items[0]]}]
    for body in bodies:
        problem = assert_problem(bought.ask(**body), 409, "refund_progress_over")
        assert "75 %" in problem["detail"]
        assert "50 %" in problem["detail"]
    assert bought.ask(items=[bought.items[1]]).status_code == 202


def test_the_terms_are_those_of_the_time_of_the_order(shop: RefundHarness, teacher: User) -> None:
    course = shop.course(teacher, refund_days=20)
    bought = shop.buy(course)
    path = f"/courses/{course['course_id']}"
    assert teacher.http.patch(path, json={"refund_days": 0, "refund_max_progress": 0}).status_code == 200
    (terms,) = bought.shown()["refund_terms"]
    assert (terms["can_ask"], terms["max_progress"]) == (True, 30)
    assert bought.ask().status_code == 202


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": -1}, "amount"),
        ({"amount": 100_000_000}, "amount"),
        ({"amount": 1.5}, "amount"),
        ({"items": []}, "items"),
        ({"items": ["x"]}, "items.0"),
        ({"items": [str(UUID(int=1))], "amount": 5}, "body"),
        ({"reason": "x" * 501}, "reason"),
        ({"reason": "a\x00b"}, "reason"),
        ({"sum": 5}, "sum"),
    ],
)
def test_input_that_is_not_allowed_is_named(
    shop: RefundHarness, admin: User, teacher: User, body: dict[str, Any], field: str
) -> None:
    bought = shop.buy(shop.course(teacher))
    problem = assert_problem(bought.ask(admin, **{"reason": "x", **body}), 422, "input_invalid")
    assert [error["field"] for error in problem["errors"]] == [field]
    assert shop.states(bought) == []


def test_unknown_and_repeated_items_are_named(shop: RefundHarness, teacher: User) -> None:
    bought, other = shop.buy(shop.course(teacher)), shop.buy(shop.course(teacher))
    for unknown in (str(uuid4()), other.items[0]):
        problem = assert_problem(bought.ask(items=[bought.items[0], unknown]), 422, "item_unknown")
        assert problem["field"] == "items.1"
    problem = assert_problem(bought.ask(items=[bought.items[0]] * 2), 422, "item_repeated")
    assert problem["field"] == "items.1"
    assert shop.states(bought) == []


def test_an_item_is_given_back_once(shop: RefundHarness, admin: User, teacher: User) -> None:
    bought = shop.buy(shop.course(teacher), shop.service(teacher))
    bought.ask(items=[bought.items[0]])
    for asker in (bought.buyer, teacher, admin):
        assert_problem(bought.ask(asker, items=[bought.items[0]], reason="x"), 409, "item_refunded")
    assert bought.ask().json()["amount"] == 80_000


def test_free_items_alone_are_nothing_to_give_back(shop: RefundHarness, teacher: User) -> None:
    bought = shop.buy(shop.course(teacher, 0), shop.service(teacher))
    problem = assert_problem(bought.ask(items=[bought.items[0]]), 422, "input_invalid")
    assert problem["field"] == "items"
    assert bought.ask(items=bought.items).json()["amount"] == 80_000
    shop.run()
    assert bought.entitlements() == ["none", "none"]


def test_another_buyers_order_is_not_found(shop: RefundHarness, teacher: User) -> None:
    bought = shop.buy(shop.course(teacher))
    for stranger in (shop.api.user(), shop.api.user("teacher")):
        assert_problem(bought.ask(stranger, reason="x"), 404, "not_found")
        assert_problem(stranger.http.post(f"/orders/{uuid4()}/refund", json={}), 404, "not_found")


def test_a_teacher_gives_back_own_items_only(shop: RefundHarness, teacher: User) -> None:
    bought = shop.buy(shop.course(teacher), shop.service(shop.api.user("teacher")))
    cases: list[tuple[dict[str, Any], str]] = [
        ({"items": [bought.items[0], bought.items[1]]}, "items.1"),
        ({"amount": 100}, "items"),
        ({}, "items"),
    ]
    for body, field in cases:
        problem = assert_problem(bought.ask(teacher, reason="x", **body), 403, "refund_forbidden")
        assert problem["field"] == field


def test_a_buyer_cannot_name_an_amount(shop: RefundHarness, teacher: User) -> None:
    bought = shop.buy(shop.course(teacher))
    assert assert_problem(bought.ask(amount=100), 403, "refund_forbidden")["field"] == "amount"


@pytest.mark.parametrize("reason", ["", "  "])
def test_teachers_and_operators_give_a_reason(shop: RefundHarness, admin: User, teacher: User, reason: str) -> None:
    bought = shop.buy(shop.course(teacher))
    for asker in (teacher, admin):
        problem = assert_problem(bought.ask(asker, reason=reason), 422, "input_invalid")
        assert problem["field"] == "reason"


def test_an_order_without_a_payment_is_not_refunded(shop: RefundHarness, admin: User, teacher: User) -> None:
    unpaid = shop.place(shop.course(teacher))
    assert "pending" in assert_problem(unpaid.ask(), 409, "order_not_refundable")["detail"]
    unpaid.buyer.http.post(f"{unpaid.path}/cancel")
    assert "cancelled" in assert_problem(unpaid.ask(admin, reason="x"), 409, "order_not_refundable")["detail"]
    free = shop.place(shop.course(teacher, 0))
    shop.run()
    assert "free" in assert_problem(free.ask(), 409, "order_not_refundable")["detail"]


def test_a_disputed_order_is_not_refunded(shop: RefundHarness, admin: User, teacher: User) -> None:
    bought = shop.buy(shop.course(teacher))
    shop.webhooks.deliver(dispute_event(bought.purchase))
    # The dispute is known; the state of the order is not derived yet.
    assert "bank" in assert_problem(bought.ask(), 409, "order_not_refundable")["detail"]
    shop.run()
    for asker in (bought.buyer, admin):
        assert "disputed" in assert_problem(bought.ask(asker, reason="x"), 409, "order_not_refundable")["detail"]


def test_a_visitor_is_told_to_sign_in(shop: RefundHarness, api: ApiHarness, teacher: User) -> None:
    bought = shop.buy(shop.course(teacher))
    assert_problem(api.visitor().post(f"{bought.path}/refund", json={}), 401, "unauthorized")
