"""Cursor pages, shown with the list of a teacher's own courses."""

import base64
from typing import Any

import pytest

from db.models import Course
from tests.support.api_harness import ApiHarness, User
from tests.support.problems import assert_problem


def _course(api: ApiHarness, teacher: User, title: str) -> Course:
    return api.add(Course(teacher_id=teacher.id, title=title, price_amount=1, currency="SEK"))


def _pages(teacher: User, limit: int) -> list[list[str]]:
    pages: list[list[str]] = []
    cursor: str | None = None
    while True:
        params: dict[str, Any] = {"mine": True, "limit": limit, **({"cursor": cursor} if cursor else {})}
        page = teacher.http.get("/courses", params=params).json()
        pages.append([one["title"] for one in page["items"]])
        cursor = page["next_cursor"]
        if cursor is None:
            return pages


def test_pages_contain_every_row_once_and_in_order(api: ApiHarness) -> None:
    teacher = api.user("teacher")
    for number in range(5):
        _course(api, teacher, str(number))
    assert _pages(teacher, 2) == [["4", "3"], ["2", "1"], ["0"]]
    assert _pages(teacher, 5) == [["4", "3", "2", "1", "0"]]


def test_a_row_inserted_between_two_pages_moves_no_other(api: ApiHarness) -> None:
    teacher = api.user("teacher")
    for number in range(3):
        _course(api, teacher, str(number))
    first = teacher.http.get("/courses", params={"mine": True, "limit": 2}).json()
    _course(api, teacher, "new")
    params = {"mine": True, "limit": 2, "cursor": first["next_cursor"]}
    assert [one["title"] for one in teacher.http.get("/courses", params=params).json()["items"]] == ["0"]


def test_rows_with_the_same_time_are_all_listed(api: ApiHarness) -> None:
    teacher = api.user("teacher")
    moment = api.clock()
    rows = [
        Course(teacher_id=teacher.id, title=str(n), price_amount=1, currency="SEK", created_at=moment) for n in range(3)
    ]
    for row in rows:
        api.add(row)
    assert sorted(title for page in _pages(teacher, 1) for title in page) == ["0", "1", "2"]


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "å",
        "%00",
        "not-a-cursor",
        _encoded("[]"),
        _encoded("null"),
        _encoded('["2026-01-01T00:00:00", "018f0000-0000-7000-8000-000000000000"]'),
        _encoded('["2026-01-01T00:00:00Z", "x"]'),
        _encoded("7"),
        "A" * 201,
    ],
)
@pytest.mark.parametrize("path", ["/courses", "/services", "/feed", "/me/courses", "/me/orders"])
def test_an_invalid_cursor_is_refused(member: User, path: str, cursor: str) -> None:
    assert assert_problem(member.http.get(path, params={"cursor": cursor}), 422, "input_invalid")["field"] == "cursor"


@pytest.fixture(scope="module")
def member(api: ApiHarness) -> User:
    return api.user()


@pytest.mark.parametrize("cursor", ["", _encoded("-1"), _encoded('"1"'), _encoded("1.5"), _encoded("99999999999"), "å"])
def test_an_invalid_position_cursor_is_refused(api: ApiHarness, member: User, cursor: str) -> None:
    path = f"/courses/{api.course()['course_id']}/lessons"
    assert assert_problem(member.http.get(path, params={"cursor": cursor}), 422, "input_invalid")["field"] == "cursor"


@pytest.mark.parametrize("limit", ["0", "-1", "101", "many", ""])
def test_an_invalid_limit_is_refused(member: User, limit: str) -> None:
    assert assert_problem(member.http.get("/feed", params={"limit": limit}), 422, "input_invalid")["field"] == "limit"
