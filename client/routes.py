"""Which page each route shows."""

import re
from typing import Final
from uuid import UUID

from client.pages.courses import CourseScreen, CoursesScreen, LessonScreen, OwnCourseScreen, OwnCoursesScreen
from client.pages.home import HomeScreen
from client.pages.orders import OrderScreen, OrdersScreen
from client.pages.profile import ProfileScreen
from client.pages.seminars import SeminarScreen, SeminarsScreen
from client.pages.services import ServiceScreen, ServicesScreen
from client.pages.sign_in import ForgotScreen, LoginScreen, RegisterScreen
from client.pages.teach import TeachScreen
from client.pages.teach_course import TeachCourseScreen
from client.pages.teach_new import NewCourseScreen, NewSeminarScreen, NewServiceScreen
from client.pages.teach_seminar import TeachSeminarScreen
from client.pages.teach_service import TeachServiceScreen
from client.pages.wall import WallScreen
from client.screen import Screen

_UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

# A name in braces is an id, given to the page under that name.
SCREENS: Final[dict[str, type[Screen]]] = {
    "/": HomeScreen,
    "/login": LoginScreen,
    "/register": RegisterScreen,
    "/forgot": ForgotScreen,
    "/courses": CoursesScreen,
    "/courses/{course_id}": CourseScreen,
    "/courses/{course_id}/lessons/{lesson_id}": LessonScreen,
    "/my-courses": OwnCoursesScreen,
    # The address in emails.
    "/me/courses": OwnCoursesScreen,
    "/my-courses/{course_id}": OwnCourseScreen,
    "/my-courses/{course_id}/lessons/{lesson_id}": LessonScreen,
    "/services": ServicesScreen,
    "/services/{service_id}": ServiceScreen,
    "/seminars": SeminarsScreen,
    "/seminars/{seminar_id}": SeminarScreen,
    "/wall": WallScreen,
    "/orders": OrdersScreen,
    "/orders/{order_id}": OrderScreen,
    "/profile": ProfileScreen,
    "/teach": TeachScreen,
    "/teach/new-course": NewCourseScreen,
    "/teach/new-service": NewServiceScreen,
    "/teach/new-seminar": NewSeminarScreen,
    "/teach/courses/{course_id}": TeachCourseScreen,
    "/teach/services/{service_id}": TeachServiceScreen,
    "/teach/seminars/{seminar_id}": TeachSeminarScreen,
}
_PATTERNS: Final = [
    (re.compile(re.sub(r"\\\{(\w+)\\\}", rf"(?P<\1>{_UUID})", re.escape(path))), screen)
    for path, screen in SCREENS.items()
]


def find(path: str) -> tuple[type[Screen], dict[str, UUID]] | None:
    """The page of a path and its ids; None if there is none."""
    wanted = path.rstrip("/").lower() or "/"
    for pattern, screen in _PATTERNS:
        if match := pattern.fullmatch(wanted):
            return screen, {name: UUID(value) for name, value in match.groupdict().items()}
    return None
