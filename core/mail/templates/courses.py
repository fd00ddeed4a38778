"""Emails about courses."""

from collections.abc import Mapping
from uuid import UUID

from core.mail.content import Content, Reading
from db.models import Course


def access(reading: Reading, params: Mapping[str, str]) -> Content:
    """The reader has access to a course that was bought."""
    return _about(reading, params, "access_subject")


def given(reading: Reading, params: Mapping[str, str]) -> Content:
    """The reader has access to a course that was given."""
    return _about(reading, params, "gift_subject")


def _about(reading: Reading, params: Mapping[str, str], subject: str) -> Content:
    course = reading.session.get_one(Course, UUID(params["course_id"]))
    return Content(
        reading.say(subject, title=course.title),
        [reading.say("access_body", title=course.title)],
        links=[reading.link("to_course", f"/courses/{course.id}"), reading.link("to_my_courses", "/me/courses")],
    )
