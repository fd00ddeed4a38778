"""Cursor pages, on the list of a teacher's own courses."""

import base64
from typing import Any

import pytest

from db.models import Course
from tests.integration.answers import problem
from tests.integration.orders.shop import Person, Shop


def _course(shop: Shop, teacher: Person, title: str) -> Course:
    return shop.add(Course(teacher_id=teacher.id, title=title, price_amount=1, currency="SEK"))


def _pages(teacher: Person, limit: int) -> list[list[str]]:
    pages: list[list[str]] = []
    cursor: str | None = None
    while True:
        params: dict[str, Any] = {"mine": True, "limit": limit, **({"cursor": cursor} if cursor else {})}
        page = teacher.http.get("/courses", params=params).json()
        pages.append([one["title"] for one in page["items"]])
        cursor = page["next_cursor"]
        if cursor is None:
            return pages


def test_pages_hold_every_row_once_and_in_order(shop: Shop) -> None:
    teacher = shop.person("teacher")
    for number in range(5):
        _course(shop, teacher, str(number))
    assert _pages(teacher, 2) == [["4", "3"], ["2", "1"], ["0"]]
    assert _pages(teacher, 5) == [["4", "3", "2", "1", "0"]]


def test_a_row_that_comes_meanwhile_moves_nothing(shop: Shop) -> None:
    teacher = shop.person("teacher")
    for number in range(3):
        _course(shop, teacher, str(number))
    first = teacher.http.get("/courses", params={"mine": True, "limit": 2}).json()
    _course(shop, teacher, "new")
    params = {"mine": True, "limit": 2, "cursor": first["next_cursor"]}
    assert [one["title"] for one in teacher.http.get("/courses", params=params).json()["items"]] == ["0"]


def test_rows_of_one_moment_are_told_apart(shop: Shop) -> None:
    teacher = shop.person("teacher")
    moment = shop.clock()
    rows = [
        Course(teacher_id=teacher.id, title=str(n), price_amount=1, currency="SEK", created_at=moment) for n in range(3)
    ]
    for row in rows:
        shop.add(row)
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
def test_a_bad_cursor_is_named(member: Person, path: str, cursor: str) -> None:
    assert problem(member.http.get(path, params={"cursor": cursor}), 422, "input_invalid")["field"] == "cursor"


@pytest.fixture(scope="module")
def member(shop: Shop) -> Person:
    return shop.person()


@pytest.mark.parametrize("cursor", ["", _encoded("-1"), _encoded('"1"'), _encoded("1.5"), _encoded("99999999999"), "å"])
def test_a_bad_cursor_of_places_is_named(shop: Shop, member: Person, cursor: str) -> None:
    path = f"/courses/{shop.course()['course_id']}/lessons"
    assert problem(member.http.get(path, params={"cursor": cursor}), 422, "input_invalid")["field"] == "cursor"


@pytest.mark.parametrize("limit", ["0", "-1", "101", "many", ""])
def test_a_bad_limit_is_named(member: Person, limit: str) -> None:
    assert problem(member.http.get("/feed", params={"limit": limit}), 422, "input_invalid")["field"] == "limit"
