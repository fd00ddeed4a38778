"""Teachers create, change, publish and cancel seminars."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.api_harness import ApiHarness, User
from tests.support.problems import assert_invalid, assert_problem
from tests.support.refund_harness import RefundHarness
from tests.support.webhook_harness import make_event

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.fixture
def teacher(api: ApiHarness) -> User:
    return api.user("teacher")


def draft(api: ApiHarness, **values: object) -> dict[str, object]:
    starts_at = api.clock() + timedelta(days=3)
    ends_at = starts_at + timedelta(hours=1)
    return {
        "title": "Live",
        "starts_at": starts_at.isoformat(),
        "ends_at": ends_at.isoformat(),
        "capacity": 5,
        "price_amount": 20_000,
        "currency": "SEK",
        **values,
    }


def create(api: ApiHarness, teacher: User, **values: object) -> dict[str, Any]:
    answer = teacher.http.post("/seminars", json=draft(api, **values))
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/seminars/{answer.json()['id']}"
    return answer.json()


def publish(teacher: User, seminar: dict[str, Any]) -> dict[str, Any]:
    answer = teacher.http.post(f"/seminars/{seminar['id']}/publish")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_published_seminar_is_announced(api: ApiHarness, teacher: User) -> None:
    seminar = create(api, teacher)
    visitor = api.visitor()
    assert_problem(visitor.get(f"/seminars/{seminar['id']}"), 404, "not_found")
    assert publish(teacher, seminar)["state"] == publish(teacher, seminar)["state"] == "published"
    shown = visitor.get(f"/seminars/{seminar['id']}").json()
    assert (shown["seats_left"], shown["capacity"]) == (5, 5)
    assert seminar["id"] in {one["id"] for one in visitor.get("/seminars?limit=100").json()["items"]}
    assert [one["id"] for one in teacher.http.get("/seminars?mine=true").json()["items"]] == [seminar["id"]]


@pytest.mark.parametrize(
    ("values", "field", "allowed"),
    [
        ({"capacity": 0}, "capacity", "greater than or equal to 1"),
        ({"capacity": 1001}, "capacity", "less than or equal to 1000"),
        ({"starts_at": "2100-01-01T18:00:00"}, "starts_at", "timezone"),
        ({"starts_at": "2100-01-01T18:00:00Z", "ends_at": "2100-01-01T18:00:00Z"}, "body", "5 minutes to 12 hours"),
        ({"starts_at": "2100-01-01T18:00:00Z", "ends_at": "2100-01-02T18:00:00Z"}, "body", "5 minutes to 12 hours"),
    ],
)
def test_what_is_not_allowed_is_refused(
    api: ApiHarness, teacher: User, values: dict[str, object], field: str, allowed: str
) -> None:
    assert_invalid(teacher.http.post("/seminars", json=draft(api, **values)), field, allowed)


def test_a_seminar_begins_in_the_future(api: ApiHarness, teacher: User) -> None:
    past = {"starts_at": "2020-01-01T18:00:00Z", "ends_at": "2020-01-01T19:00:00Z"}
    body = assert_problem(teacher.http.post("/seminars", json=draft(api, **past)), 422, "times_not_allowed")
    assert body["field"] == "starts_at"


def test_a_price_below_the_providers_minimum_is_refused(api: ApiHarness, teacher: User) -> None:
    assert_problem(teacher.http.post("/seminars", json=draft(api, price_amount=100)), 422, "price_not_allowed")


def test_another_teachers_course_cannot_give_seats(api: ApiHarness, teacher: User) -> None:
    foreign = api.course()["course_id"]
    assert_problem(teacher.http.post("/seminars", json=draft(api, course_id=foreign)), 404, "not_found")
    seminar = create(api, teacher)
    changed = teacher.http.patch(f"/seminars/{seminar['id']}", json={"course_id": foreign})
    assert_problem(changed, 404, "not_found")


def test_a_series_keeps_its_time_of_day_when_the_clocks_change(api: ApiHarness, teacher: User) -> None:
    # The clocks go back on 27 October 2030.
    times = {"starts_at": "2030-10-20T18:00:00+02:00", "ends_at": "2030-10-20T19:30:00+02:00"}
    answer = teacher.http.post("/seminars/series", json={**draft(api, **times), "count": 3})
    assert answer.status_code == 201, answer.text
    made = answer.json()["items"]
    starts = [datetime.fromisoformat(one["starts_at"]).astimezone(STOCKHOLM) for one in made]
    assert [f"{one:%d %H:%M %z}" for one in starts] == ["20 18:00 +0200", "27 18:00 +0100", "03 18:00 +0100"]
    assert len({one["series_id"] for one in made}) == 1


def test_another_time_is_told_once_to_those_with_a_seat(shop: RefundHarness, teacher: User) -> None:
    item = shop.api.seminar(teacher_id=teacher.id)
    shop.buy(item)
    shop.place(item)
    path = f"/seminars/{item['seminar_id']}"
    moved = {"starts_at": "2100-01-01T18:00:00Z", "ends_at": "2100-01-01T19:00:00Z"}
    for _ in range(2):
        assert teacher.http.patch(path, json=moved).status_code == 200
    assert shop.mails("seminar_moved") == 2
    assert_problem(teacher.http.patch(path, json={"ends_at": "2100-01-03T19:00:00Z"}), 422, "times_not_allowed")


def test_the_capacity_stays_above_the_seats_that_are_taken(shop: RefundHarness, teacher: User) -> None:
    item = shop.api.seminar(teacher_id=teacher.id)
    shop.buy(item)
    shop.place(item)
    path = f"/seminars/{item['seminar_id']}"
    assert_problem(teacher.http.patch(path, json={"capacity": 1}), 422, "capacity_too_small")
    assert teacher.http.patch(path, json={"capacity": 2}).json()["seats_left"] == 0


def test_a_cancelled_seminar_gives_all_money_back_once(shop: RefundHarness, teacher: User) -> None:
    item = shop.api.seminar(capacity=3, teacher_id=teacher.id)
    bought = [shop.buy(item), shop.buy(shop.api.course(), item)]
    held = shop.place(item)
    path = f"/seminars/{item['seminar_id']}"
    waiting = shop.api.user()
    assert waiting.http.post(f"{path}/waitlist").status_code == 200
    answer = teacher.http.post(f"{path}/cancel", json={"reason": "The teacher is ill."})
    assert answer.status_code == 202
    shop.run()
    job = teacher.http.get(answer.headers["location"]).json()
    assert (job["state"], job["result"]) == ("succeeded", {"told": 4, "refunds": 2})
    assert [sum(one.amount for one in shop.refunds(each)) for each in bought] == [20_000, 20_000]
    assert {one.reason for each in bought for one in shop.refunds(each)} == {"The teacher is ill."}
    assert (shop.mails("seminar_cancelled"), shop.api.seats(item)) == (4, {})
    # Paid after all.
    shop.tell(make_event(held.purchase))
    assert sum(one.amount for one in shop.refunds(held)) == 20_000
    assert_problem(teacher.http.post(f"{path}/cancel", json={"reason": "again"}), 409, "seminar_state")
    assert_problem(teacher.http.patch(path, json={"title": "New"}), 409, "seminar_state")
    assert_problem(teacher.http.post(f"{path}/publish"), 409, "seminar_state")


def test_an_operator_may_cancel(api: ApiHarness) -> None:
    path = f"/seminars/{api.seminar()['seminar_id']}"
    assert_problem(api.user("teacher").http.post(f"{path}/cancel", json={"reason": "x"}), 404, "not_found")
    assert api.user("admin").http.post(f"{path}/cancel", json={"reason": "x"}).status_code == 202
