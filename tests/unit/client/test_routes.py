"""The addresses of the app."""

from uuid import UUID

import pytest

from client.pages.courses import CourseScreen, LessonScreen, OwnCoursesScreen
from client.pages.home import HomeScreen
from client.routes import find

ONE, TWO = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("path", "screen", "ids"),
    [
        ("/", HomeScreen, {}),
        ("/me/courses", OwnCoursesScreen, {}),
        (f"/courses/{ONE}", CourseScreen, {"course_id": ONE}),
        (f"/courses/{ONE}/", CourseScreen, {"course_id": ONE}),
        (f"/my-courses/{ONE}/lessons/{TWO}", LessonScreen, {"course_id": ONE, "lesson_id": TWO}),
    ],
)
def test_an_address_has_its_page_and_ids(path: str, screen: type, ids: dict[str, UUID]) -> None:
    assert find(path) == (screen, ids)


@pytest.mark.parametrize("path", ["/nowhere", "/courses/1", f"/courses/{ONE}/more"])
def test_another_address_has_none(path: str) -> None:
    assert find(path) is None
