"""Posts of the feed."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from db.models import AuditEvent
from tests.support.api_harness import ApiHarness, User
from tests.support.problems import assert_problem

_DRAFT = {"title": "Oils", "price_amount": 49_900, "currency": "SEK"}


@pytest.fixture
def teacher(api: ApiHarness) -> User:
    return api.user("teacher")


def _post(teacher: User, body: str, **more: object) -> dict[str, Any]:
    answer = teacher.http.post("/feed", json={"body": body, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def _seen(http: httpx.Client) -> list[str]:
    return [one["id"] for one in http.get("/feed", params={"limit": 100}).json()["items"]]


def test_the_newest_post_is_first(api: ApiHarness, teacher: User) -> None:
    posts = [_post(teacher, body)["id"] for body in ("one", "two")]
    assert _seen(api.visitor())[:2] == posts[::-1]


def test_a_post_has_the_name_of_its_author(api: ApiHarness, teacher: User) -> None:
    post = _post(teacher, "News\n\nin two parts")
    assert (post["author_name"], post["author_id"], post["course_id"]) == ("Test User", str(teacher.id), None)
    assert api.visitor().get("/feed").json()["items"][0] == post


def test_a_post_to_a_course_is_visible_to_its_members(api: ApiHarness, teacher: User) -> None:
    course = teacher.http.post("/courses", json=_DRAFT).json()["id"]
    post = _post(teacher, "For members", course_id=course)["id"]
    member = api.user()
    api.enroll(member.id, course)
    for http, seen in (
        (teacher.http, True),
        (member.http, True),
        (api.visitor(), False),
        (api.user().http, False),
        (api.user("teacher").http, False),
    ):
        assert (post in _seen(http)) is seen


def test_a_teacher_posts_to_own_courses_only(api: ApiHarness, teacher: User) -> None:
    strange = api.course()["course_id"]
    assert_problem(teacher.http.post("/feed", json={"body": "Hello", "course_id": strange}), 404, "not_found")


def test_a_post_can_be_changed_and_deleted(api: ApiHarness, teacher: User) -> None:
    post = _post(teacher, "Old")
    changed = teacher.http.patch(f"/feed/{post['id']}", json={"body": "New"}).json()
    assert {**post, "body": "New", "updated_at": changed["updated_at"]} == changed
    assert teacher.http.delete(f"/feed/{post['id']}").status_code == 204
    assert post["id"] not in _seen(api.visitor())
    assert_problem(teacher.http.delete(f"/feed/{post['id']}"), 404, "not_found")
    with api.sessions.begin() as session:
        wanted = select(AuditEvent.tag).where(AuditEvent.subject_id == UUID(post["id"])).order_by(AuditEvent.id)
        tags = session.scalars(wanted).all()
    assert tags == ["feed:post:created", "feed:post:changed", "feed:post:deleted"]


@pytest.mark.parametrize("body", ["", "  \n ", "x" * 5001, "null \u0000 sign", None])
def test_an_empty_or_invalid_post_is_refused(teacher: User, body: object) -> None:
    assert assert_problem(teacher.http.post("/feed", json={"body": body}), 422, "input_invalid")["field"] == "body"
