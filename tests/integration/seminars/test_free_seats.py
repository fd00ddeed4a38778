"""Seats without an order: by the guest list, and by the seminar's course."""

from typing import Any
from uuid import UUID

import httpx

from tests.support.api_harness import User
from tests.support.problems import assert_problem
from tests.support.refund_harness import RefundHarness


def take(user: User, item: dict[str, object]) -> httpx.Response:
    return user.http.post(f"/seminars/{item['seminar_id']}/seat")


def invite(teacher: User, item: dict[str, object], email: str) -> dict[str, Any]:
    answer = teacher.http.post(f"/seminars/{item['seminar_id']}/guests", json={"email": email})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_guest_takes_a_seat_and_gives_it_up(shop: RefundHarness) -> None:
    teacher, guest = shop.api.user("teacher"), shop.api.user()
    item = shop.api.seminar(teacher_id=teacher.id)
    assert_problem(take(guest, item), 403, "seat_not_free")
    assert invite(teacher, item, guest.email.upper()) == invite(teacher, item, guest.email)
    assert take(guest, item).json()["source"] == "guest"
    assert take(guest, item).json()["state"] == "confirmed"
    assert shop.mails("seat") == 1
    assert_problem(guest.post_order(item), 409, "seat_owned")
    assert guest.http.delete(f"/seminars/{item['seminar_id']}/seat").status_code == 204
    assert_problem(guest.http.delete(f"/seminars/{item['seminar_id']}/seat"), 404, "not_found")
    assert shop.api.seats(item) == {}


def test_a_guest_who_is_taken_off_the_list_loses_the_seat(shop: RefundHarness) -> None:
    teacher, guest = shop.api.user("teacher"), shop.api.user()
    item = shop.api.seminar(teacher_id=teacher.id)
    invited = invite(teacher, item, guest.email)
    take(guest, item)
    path = f"/seminars/{item['seminar_id']}/guests"
    assert [one["email"] for one in teacher.http.get(path).json()["items"]] == [guest.email]
    assert teacher.http.delete(f"{path}/{invited['id']}").status_code == 204
    assert shop.api.seats(item) == {}
    assert_problem(teacher.http.delete(f"{path}/{invited['id']}"), 404, "not_found")
    assert_problem(take(guest, item), 403, "seat_not_free")


def test_a_learner_of_the_course_takes_a_seat(shop: RefundHarness) -> None:
    course = shop.api.course()
    item = shop.api.seminar(course_id=UUID(str(course["course_id"])))
    learner = shop.buy(course).buyer
    assert take(learner, item).json()["source"] == "course"
    assert_problem(take(shop.api.user(), item), 403, "seat_not_free")


def test_a_free_seat_is_only_given_while_one_is_left(shop: RefundHarness) -> None:
    teacher, guest = shop.api.user("teacher"), shop.api.user()
    item = shop.api.seminar(teacher_id=teacher.id, capacity=1)
    invite(teacher, item, guest.email)
    shop.buy(item)
    assert_problem(take(guest, item), 409, "seats_full")


def test_a_seat_that_was_paid_for_is_given_up_by_a_refund(shop: RefundHarness) -> None:
    item = shop.api.seminar()
    buyer = shop.buy(item).buyer
    assert_problem(buyer.http.delete(f"/seminars/{item['seminar_id']}/seat"), 409, "seat_paid")
    held = shop.place(item)
    assert_problem(held.buyer.http.delete(f"/seminars/{item['seminar_id']}/seat"), 409, "seat_paid")


def test_the_teacher_sees_who_has_a_seat(shop: RefundHarness) -> None:
    teacher = shop.api.user("teacher")
    item = shop.api.seminar(teacher_id=teacher.id)
    buyer = shop.buy(item).buyer
    [shown] = teacher.http.get(f"/seminars/{item['seminar_id']}/participants").json()["items"]
    assert (shown["profile_id"], shown["state"]) == (str(buyer.id), "confirmed")
    assert "email" not in shown
