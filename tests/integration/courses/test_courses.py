"""Courses, from draft to archived."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from db.models import AuditEvent, Course, Enrollment
from tests.support.api_harness import ApiHarness, User
from tests.support.problems import assert_problem

_DRAFT = {"title": "Oils", "summary": "Slow.", "price_amount": 49_900, "currency": "SEK"}


@pytest.fixture(scope="module")
def teacher(api: ApiHarness) -> User:
    return api.user("teacher")


def _draft(teacher: User, **changes: object) -> dict[str, Any]:
    answer = teacher.http.post("/courses", json={**_DRAFT, **changes})
    assert answer.status_code == 201, answer.text
    return answer.json()


def _enroll(api: ApiHarness, user: User, course: dict[str, Any]) -> Enrollment:
    return api.enroll(user.id, course["id"])


def test_a_new_course_is_a_draft_that_only_its_teacher_sees(api: ApiHarness, teacher: User) -> None:
    course = _draft(teacher)
    assert (course["state"], course["published_at"], course["teacher_id"]) == ("draft", None, str(teacher.id))
    path = f"/courses/{course['id']}"
    assert teacher.http.get(path).json() == course
    assert_problem(api.visitor().get(path), 404, "not_found")
    assert course["id"] not in [one["id"] for one in api.visitor().get("/courses").json()["items"]]


def test_a_published_course_is_public(api: ApiHarness, teacher: User) -> None:
    path = f"/courses/{_draft(teacher)['id']}"
    course = teacher.http.post(f"{path}/publish").json()
    assert course["state"] == "published"
    assert course["published_at"].endswith("Z")
    assert api.visitor().get(path).json() == course
    assert api.visitor().get("/courses").json()["items"][0] == course


def test_an_archived_course_stays_visible_to_its_members(api: ApiHarness, teacher: User) -> None:
    course = _draft(teacher)
    path = f"/courses/{course['id']}"
    teacher.http.post(f"{path}/publish")
    member = api.user()
    _enroll(api, member, course)
    assert teacher.http.post(f"{path}/archive").json()["state"] == "archived"
    assert_problem(api.visitor().get(path), 404, "not_found")
    assert member.http.get(path).status_code == 200
    assert [one["course"]["id"] for one in member.http.get("/me/courses").json()["items"]] == [course["id"]]


def test_a_revoked_enrollment_gives_no_access(api: ApiHarness, teacher: User) -> None:
    course = _draft(teacher)
    member = api.user()
    enrollment = _enroll(api, member, course)
    with api.sessions.begin() as session:
        row = session.get_one(Enrollment, enrollment.id)
        row.state, row.revoked_at = "revoked", api.clock()
    assert_problem(member.http.get(f"/courses/{course['id']}"), 404, "not_found")
    assert member.http.get("/me/courses").json()["items"] == []


def test_published_at_is_the_first_publication(teacher: User) -> None:
    path = f"/courses/{_draft(teacher)['id']}"
    first = teacher.http.post(f"{path}/publish").json()["published_at"]
    teacher.http.post(f"{path}/archive")
    assert teacher.http.post(f"{path}/publish").json()["published_at"] == first


@pytest.mark.parametrize("steps", [("publish", "publish"), ("archive", "archive"), ("publish", "archive", "archive")])
def test_a_step_that_the_state_does_not_allow_is_refused(teacher: User, steps: tuple[str, ...]) -> None:
    path = f"/courses/{_draft(teacher)['id']}"
    *before, last = steps
    for step in before:
        assert teacher.http.post(f"{path}/{step}").status_code == 200
    assert_problem(teacher.http.post(f"{path}/{last}"), 409, "offer_state")


def test_a_change_sets_only_the_fields_that_are_sent(teacher: User) -> None:
    course = _draft(teacher)
    changed = teacher.http.patch(f"/courses/{course['id']}", json={"price_amount": 300}).json()
    assert {**course, "price_amount": 300, "updated_at": changed["updated_at"]} == changed
    assert changed["updated_at"] > course["updated_at"]


def test_every_change_is_in_the_audit_log(api: ApiHarness, teacher: User) -> None:
    course = _draft(teacher)
    path = f"/courses/{course['id']}"
    teacher.http.patch(path, json={"title": "Other"})
    teacher.http.post(f"{path}/publish")
    teacher.http.post(f"{path}/archive")
    with api.sessions.begin() as session:
        wanted = select(AuditEvent).where(AuditEvent.subject_id == UUID(course["id"])).order_by(AuditEvent.id)
        entries = session.scalars(wanted).all()
    assert [entry.tag.rpartition(":")[2] for entry in entries] == ["created", "changed", "published", "archived"]
    assert {entry.actor_id for entry in entries} == {teacher.id}
    assert entries[1].data["fields"] == ["title"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 121),
        ("title", "two\nlines"),
        ("summary", "x" * 501),
        ("description", "x" * 20_001),
        ("description", "null \u0000 sign"),
        ("price_amount", -1),
        ("price_amount", 100_000_000),
        ("price_amount", 10.5),
        ("price_amount", "100"),
        ("price_amount", True),
        ("currency", "sek"),
        ("currency", "XXX"),
        ("state", "published"),
        ("teacher_id", "018f0000-0000-7000-8000-000000000000"),
    ],
)
def test_an_invalid_field_is_refused(teacher: User, field: str, value: object) -> None:
    made = teacher.http.post("/courses", json={**_DRAFT, field: value})
    assert assert_problem(made, 422, "input_invalid")["field"] == field
    changed = teacher.http.patch(f"/courses/{_draft(teacher)['id']}", json={field: value})
    assert assert_problem(changed, 422, "input_invalid")["field"] == field


@pytest.mark.parametrize("field", ["title", "price_amount", "currency"])
def test_a_missing_field_is_refused(teacher: User, field: str) -> None:
    draft = {name: value for name, value in _DRAFT.items() if name != field}
    assert assert_problem(teacher.http.post("/courses", json=draft), 422, "input_invalid")["field"] == field
    null = teacher.http.patch(f"/courses/{_draft(teacher)['id']}", json={field: None})
    assert assert_problem(null, 422, "input_invalid")["field"] == field


@pytest.mark.parametrize(("amount", "currency"), [(299, "SEK"), (49, "USD"), (1, "EUR")])
def test_a_course_cannot_get_a_price_that_cannot_be_charged(teacher: User, amount: int, currency: str) -> None:
    price = {"price_amount": amount, "currency": currency}
    made = teacher.http.post("/courses", json={**_DRAFT, **price})
    assert assert_problem(made, 422, "price_not_allowed")["field"] == "price_amount"
    path = f"/courses/{_draft(teacher)['id']}"
    teacher.http.post(f"{path}/publish")
    before = teacher.http.get(path).json()
    refused = assert_problem(teacher.http.patch(path, json=price), 422, "price_not_allowed")
    assert f"{amount / 100:.2f} {currency}; it must be 0 (free), or from " in refused["detail"]
    assert teacher.http.get(path).json() == before


def test_a_currency_with_a_higher_minimum_than_the_price_is_refused(teacher: User) -> None:
    path = f"/courses/{_draft(teacher, price_amount=50, currency='EUR')['id']}"
    refused = assert_problem(teacher.http.patch(path, json={"currency": "SEK"}), 422, "price_not_allowed")
    assert refused["field"] == "currency"


def test_a_course_with_an_older_price_that_cannot_be_charged_is_not_published(api: ApiHarness, teacher: User) -> None:
    row = api.add(Course(teacher_id=teacher.id, title="Oils", price_amount=299, currency="SEK"))
    path = f"/courses/{row.id}"
    assert teacher.http.patch(path, json={"title": "Other"}).status_code == 200
    refused = assert_problem(teacher.http.post(f"{path}/publish"), 422, "price_not_allowed")
    assert refused["field"] == "price_amount"
    assert teacher.http.post(f"{path}/archive").status_code == 200


def test_a_free_course_is_published(teacher: User) -> None:
    path = f"/courses/{_draft(teacher, price_amount=0)['id']}"
    assert teacher.http.post(f"{path}/publish").status_code == 200


def test_the_list_of_own_courses_is_for_teachers(api: ApiHarness) -> None:
    teacher = api.user("teacher")
    course = _draft(teacher)
    assert teacher.http.get("/courses?mine=true").json()["items"] == [course]
    assert_problem(api.user().http.get("/courses?mine=true"), 403, "forbidden")
    assert_problem(api.visitor().get("/courses?mine=true"), 401, "unauthorized")
