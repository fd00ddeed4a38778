"""Gifts over HTTP: who may give, what is refused, and that nothing tells whether an account has the address."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from core.enrollments import gifts
from core.enrollments.grant_gifts import grant_gifts
from core.messages import GrantGifts
from db.models import AuditEvent, Course, Enrollment, Gift, Job, Profile
from tests.support.accounts import PASSWORD, register_account
from tests.support.api_harness import ApiHarness, User
from tests.support.concurrency import run_concurrently
from tests.support.jobs import claim_all, prepare, statements
from tests.support.problems import assert_problem


@pytest.fixture
def teacher(api: ApiHarness) -> User:
    return api.user("teacher")


@pytest.fixture
def path(api: ApiHarness, teacher: User) -> str:
    """The gifts of a new course of the teacher."""
    with api.sessions.begin() as session:
        prepare(session)
    course = api.add(Course(teacher_id=teacher.id, title="Oils", price_amount=300, currency="SEK", state="published"))
    return f"/courses/{course.id}/gifts"


def give(giver: User, path: str, email: str, **headers: str) -> dict[str, Any]:
    answer = giver.http.post(path, json={"email": email}, headers=headers)
    assert answer.status_code == 202, answer.text
    return answer.json()


def grant_due(api: ApiHarness) -> None:
    """Run the jobs that grant gifts, as a worker does."""
    for batch in claim_all(api.sessions):
        if batch.kind == GrantGifts.kind:
            with statements(api.sessions) as one:
                grant_gifts(one, batch)


def owned(receiver: User) -> list[str]:
    return [row["course"]["title"] for row in receiver.http.get("/me/courses").json()["items"]]


def count(api: ApiHarness, model: type[Gift | Job | Enrollment], *where: Any) -> int:  # noqa: ANN401 - a condition
    with api.sessions() as session:
        return session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def test_a_gift_gives_its_receiver_access(api: ApiHarness, teacher: User, path: str) -> None:
    receiver = api.user()
    gift = give(teacher, path, receiver.email.upper())
    assert (gift["email"], gift["given_by"]) == (receiver.email, str(teacher.id))
    assert owned(receiver) == []
    grant_due(api)
    assert owned(receiver) == ["Oils"]
    assert api.audit_tags(gift["id"]) == ["enrollments:gift:given"]


def test_a_gift_answers_the_same_whether_or_not_an_account_has_the_address(
    api: ApiHarness, teacher: User, path: str
) -> None:
    receiver, unknown = api.user(), f"{uuid4().hex}@aula.example"
    answers = [give(teacher, path, email) for email in (receiver.email, unknown)]
    grant_due(api)
    again = [give(teacher, path, email) for email in (receiver.email, unknown)]
    listed = teacher.http.get(path).json()["items"]
    assert again == answers == listed[::-1]
    assert set(answers[0]) == set(answers[1]) == {"id", "course_id", "email", "given_by", "created_at"}


def test_a_gift_waits_for_the_account(api: ApiHarness, teacher: User, path: str) -> None:
    email = f"{uuid4().hex}@aula.example"
    give(teacher, path, email)
    grant_due(api)
    assert count(api, Gift, Gift.email == email, Gift.granted_at.is_(None)) == 1
    receiver = api.add(Profile(email=email, password_hash="-", display_name="Receiver"))
    with api.sessions.begin() as session:
        session.add(Job(kind=GrantGifts.kind, payload=GrantGifts().payload()))
    grant_due(api)
    assert count(api, Enrollment, Enrollment.profile_id == receiver.id) == 1


def test_a_gift_given_again_is_one_gift(api: ApiHarness, teacher: User, path: str) -> None:
    email = f"{uuid4().hex}@aula.example"
    given = run_concurrently(*[lambda: give(teacher, path, email)] * 4)
    assert len({gift["id"] for gift in given}) == 1
    assert api.audit_tags(given[0]["id"]) == ["enrollments:gift:given"]


def test_a_withdrawn_gift_ends_access_and_names_who_withdrew_it(api: ApiHarness, teacher: User, path: str) -> None:
    receiver, admin = api.user(), api.user("admin")
    gift = give(teacher, path, receiver.email)
    grant_due(api)
    assert admin.http.delete(f"{path}/{gift['id']}").status_code == 204
    assert admin.http.delete(f"{path}/{gift['id']}").status_code == 204
    assert owned(receiver) == []
    assert teacher.http.get(path).json()["items"] == []
    with api.sessions() as session:
        row = session.get_one(Gift, UUID(gift["id"]))
        assert row.withdrawn_by == admin.id
        enrollment = session.scalars(select(Enrollment).where(Enrollment.gift_id == row.id)).one()
        wanted = select(AuditEvent.actor_id).where(
            AuditEvent.subject_id == enrollment.id, AuditEvent.tag == "enrollments:enrollment:revoked"
        )
        assert session.scalars(wanted).all() == [admin.id]


def test_a_gift_withdrawn_before_it_is_granted_gives_nothing(api: ApiHarness, teacher: User, path: str) -> None:
    receiver = api.user()
    gift = give(teacher, path, receiver.email)
    assert teacher.http.delete(f"{path}/{gift['id']}").status_code == 204
    grant_due(api)
    assert owned(receiver) == []


def test_a_withdrawn_gift_can_be_given_again(api: ApiHarness, teacher: User, path: str) -> None:
    receiver = api.user()
    first = give(teacher, path, receiver.email)
    grant_due(api)
    teacher.http.delete(f"{path}/{first['id']}")
    assert give(teacher, path, receiver.email)["id"] != first["id"]
    grant_due(api)
    assert owned(receiver) == ["Oils"]


def test_a_gift_of_a_bought_course_is_a_second_source(api: ApiHarness, teacher: User, path: str) -> None:
    receiver = api.user()
    course_id = path.split("/")[2]
    other = api.enroll(receiver.id, course_id)
    gift = give(teacher, path, receiver.email)
    grant_due(api)
    assert owned(receiver) == ["Oils"]
    teacher.http.delete(f"{path}/{gift['id']}")
    assert owned(receiver) == ["Oils"]
    with api.sessions.begin() as session:
        row = session.get_one(Enrollment, other.id)
        row.state, row.revoked_at = "revoked", api.clock()
    assert owned(receiver) == []


def test_a_course_that_was_given_cannot_be_ordered(api: ApiHarness, teacher: User, path: str) -> None:
    receiver = api.user()
    give(teacher, path, receiver.email)
    grant_due(api)
    answer = receiver.post_order({"course_id": path.split("/")[2]})
    assert_problem(answer, 409, "course_owned")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "email"),
        ({"email": None}, "email"),
        ({"email": "nobody"}, "email"),
        ({"email": "a" * 250 + "@aula.example"}, "email"),
        ({"email": ["a@aula.example"]}, "email"),
        ({"email": "a@aula.example", "profile_id": str(UUID(int=1))}, "profile_id"),
    ],
)
def test_a_malformed_gift_is_refused_with_its_field(
    api: ApiHarness, teacher: User, path: str, body: dict[str, Any], field: str
) -> None:
    before = count(api, Gift)
    assert assert_problem(teacher.http.post(path, json=body), 422, "input_invalid")["field"] == field
    assert count(api, Gift) == before


def test_gifts_of_another_teachers_course_are_not_found(api: ApiHarness, teacher: User, path: str) -> None:
    gift, stranger = give(teacher, path, "a@aula.example"), api.user("teacher")
    assert_problem(stranger.http.post(path, json={"email": "b@aula.example"}), 404, "not_found")
    assert_problem(stranger.http.get(path), 404, "not_found")
    assert_problem(stranger.http.delete(f"{path}/{gift['id']}"), 404, "not_found")
    own = api.add(Course(teacher_id=stranger.id, title="Own", price_amount=300, currency="SEK"))
    assert_problem(stranger.http.delete(f"/courses/{own.id}/gifts/{gift['id']}"), 404, "not_found")
    assert [one["id"] for one in teacher.http.get(path).json()["items"]] == [gift["id"]]


def test_a_course_has_a_limited_number_of_gifts(teacher: User, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gifts, "MAX_GIFTS", 2)
    given = [give(teacher, path, f"{number}@aula.example") for number in range(2)]
    refusal = assert_problem(teacher.http.post(path, json={"email": "c@aula.example"}), 409, "gift_limit")
    assert "2 gifts" in refusal["detail"]
    assert give(teacher, path, "0@aula.example")["id"] == given[0]["id"]
    teacher.http.delete(f"{path}/{given[0]['id']}")
    give(teacher, path, "c@aula.example")


def test_a_repeated_request_gets_the_first_answer(teacher: User, path: str) -> None:
    first = give(teacher, path, "a@aula.example", **{"Idempotency-Key": "gift"})
    assert give(teacher, path, "a@aula.example", **{"Idempotency-Key": "gift"}) == first


def test_gifts_are_listed_in_pages(teacher: User, path: str) -> None:
    given = [give(teacher, path, f"{number}@aula.example")["id"] for number in range(3)]
    page = teacher.http.get(path, params={"limit": 2}).json()
    rest = teacher.http.get(path, params={"limit": 2, "cursor": page["next_cursor"]}).json()
    assert [one["id"] for one in [*page["items"], *rest["items"]]] == given[::-1]
    assert rest["next_cursor"] is None


def test_an_erased_receiver_leaves_no_address_in_gifts(api: ApiHarness, teacher: User, path: str) -> None:
    account = register_account(api)
    gift = give(teacher, path, account.email)
    answer = account.http.request("DELETE", "/me", json={"password": PASSWORD}, headers=account.headers)
    assert answer.status_code == 204
    with api.sessions() as session:
        assert session.get_one(Gift, UUID(gift["id"])).email == f"erased-{account.id}@erased.invalid"
    grant_due(api)
    assert count(api, Enrollment, Enrollment.profile_id == account.id) == 0
