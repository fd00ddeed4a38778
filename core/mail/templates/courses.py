"""Emails about courses."""

from collections.abc import Mapping
from uuid import UUID

from core.mail.content import Content, Reading
from db.models import Course


def access(reading: Reading, params: Mapping[str, str]) -> Content:
    """The reader has access to a course."""
    course = reading.session.get_one(Course, UUID(params["course_id"]))
    return Content(
        reading.say("access_subject", title=course.title),
        [reading.say("access_body", title=course.title)],
        links=[reading.link("to_course", f"/courses/{course.id}"), reading.link("to_my_courses", "/me/courses")],
    )
