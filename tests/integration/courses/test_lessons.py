"""Lessons: who can read them, and their order."""

from typing import Any

import pytest

from tests.support.api_harness import ApiHarness, User
from tests.support.problems import assert_problem

_DRAFT = {"title": "Oils", "price_amount": 49_900, "currency": "SEK"}


@pytest.fixture(scope="module")
def teacher(api: ApiHarness) -> User:
    return api.user("teacher")


@pytest.fixture
def course(teacher: User) -> str:
    """The path of a published course."""
    path: str = teacher.http.post("/courses", json=_DRAFT).headers["location"]
    teacher.http.post(f"{path}/publish")
    return path


def _add(teacher: User, course: str, title: str, **more: object) -> dict[str, Any]:
    answer = teacher.http.post(f"{course}/lessons", json={"title": title, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def _titles(user: User, course: str) -> list[str]:
    lessons = user.http.get(f"{course}/lessons").json()["items"]
    assert [one["position"] for one in lessons] == list(range(1, len(lessons) + 1))
    return [one["title"] for one in lessons]


def test_the_outline_is_public_and_the_contents_are_for_members(api: ApiHarness, teacher: User, course: str) -> None:
    free = _add(teacher, course, "Free", body="For all.", is_preview=True)
    paid = _add(teacher, course, "Paid", body="For members.", video_url="https://video.example/1")
    visitor, stranger, member = api.visitor(), api.user().http, api.user()
    api.enroll(member.id, paid["course_id"])

    outline = visitor.get(f"{course}/lessons")
    assert [(one["title"], one["open"]) for one in outline.json()["items"]] == [("Free", True), ("Paid", False)]
    assert "For members." not in outline.text
    for reader in (visitor, stranger, member.http, teacher.http):
        assert reader.get(f"{course}/lessons/{free['id']}").json() == free
    assert_problem(visitor.get(f"{course}/lessons/{paid['id']}"), 401, "unauthorized")
    assert_problem(stranger.get(f"{course}/lessons/{paid['id']}"), 403, "lesson_locked")
    for reader in (member.http, teacher.http):
        assert reader.get(f"{course}/lessons/{paid['id']}").json() == paid
        assert all(one["open"] for one in reader.get(f"{course}/lessons").json()["items"])


def test_the_outline_tells_what_the_reader_has_completed(api: ApiHarness, teacher: User, course: str) -> None:
    first, second = _add(teacher, course, "First"), _add(teacher, course, "Second")
    member, other = api.user(), api.user()
    for one in (member, other):
        api.enroll(one.id, first["course_id"])
    assert member.http.put(f"{course}/lessons/{second['id']}/completion").status_code == 204
    readers = (member.http, other.http, api.visitor())
    completed = [[one["completed"] for one in it.get(f"{course}/lessons").json()["items"]] for it in readers]
    assert completed == [[False, True], [False, False], [False, False]]


def test_a_lesson_belongs_to_its_course(teacher: User, course: str) -> None:
    lesson = _add(teacher, course, "One", is_preview=True)
    other: str = teacher.http.post("/courses", json=_DRAFT).headers["location"]
    for method in ("GET", "PATCH", "DELETE"):
        body = {"title": "Moved"} if method == "PATCH" else None
        assert_problem(teacher.http.request(method, f"{other}/lessons/{lesson['id']}", json=body), 404, "not_found")


def test_lessons_keep_the_order_in_which_they_were_added(teacher: User, course: str) -> None:
    for title in "abc":
        _add(teacher, course, title)
    assert _titles(teacher, course) == ["a", "b", "c"]


@pytest.mark.parametrize(("position", "order"), [(1, "nabc"), (2, "anbc"), (4, "abcn"), (99, "abcn")])
def test_a_lesson_can_be_inserted_at_a_position(teacher: User, course: str, position: int, order: str) -> None:
    for title in "abc":
        _add(teacher, course, title)
    _add(teacher, course, "n", position=position)
    assert _titles(teacher, course) == list(order)


@pytest.mark.parametrize(
    ("title", "position", "order"), [("a", 3, "bcad"), ("d", 1, "dabc"), ("b", 2, "abcd"), ("a", 99, "bcda")]
)
def test_a_lesson_can_be_moved(teacher: User, course: str, title: str, position: int, order: str) -> None:
    lessons = {name: _add(teacher, course, name) for name in "abcd"}
    moved = teacher.http.patch(f"{course}/lessons/{lessons[title]['id']}", json={"position": position}).json()
    assert _titles(teacher, course) == list(order)
    assert moved["position"] == order.index(title) + 1


def test_a_lesson_can_be_deleted(teacher: User, course: str) -> None:
    lessons = [_add(teacher, course, name) for name in "abc"]
    assert teacher.http.delete(f"{course}/lessons/{lessons[1]['id']}").status_code == 204
    assert _titles(teacher, course) == ["a", "c"]
    assert_problem(teacher.http.delete(f"{course}/lessons/{lessons[1]['id']}"), 404, "not_found")


def test_a_video_can_be_removed(teacher: User, course: str) -> None:
    lesson = _add(teacher, course, "One", video_url="https://video.example/1")
    answer = teacher.http.patch(f"{course}/lessons/{lesson['id']}", json={"video_url": None})
    assert answer.json()["video_url"] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("body", "x" * 50_001),
        ("video_url", "javascript:alert(1)"),
        ("video_url", "http://video.example"),
        ("video_url", "https://"),
        ("video_url", "https://[broken"),
        ("position", 0),
        ("position", 501),
        ("is_preview", "yes"),
        ("course_id", "x"),
    ],
)
def test_an_invalid_field_is_refused(teacher: User, course: str, field: str, value: object) -> None:
    answer = teacher.http.post(f"{course}/lessons", json={"title": "One", field: value})
    assert assert_problem(answer, 422, "input_invalid")["field"] == field


def test_pages_are_ordered_by_position(teacher: User, course: str) -> None:
    for title in "abc":
        _add(teacher, course, title)
    first = teacher.http.get(f"{course}/lessons", params={"limit": 2}).json()
    second = teacher.http.get(f"{course}/lessons", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [one["title"] for one in first["items"] + second["items"]] == ["a", "b", "c"]
    assert second["next_cursor"] is None
