"""The Idempotency-Key header: a repeated request has one effect and the same response."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from core.idempotency.keys import RequestKey
from db.models import AuditEvent, Course, IdempotencyKey, Profile
from tests.support.api_harness import ApiHarness, User
from tests.support.concurrency import run_concurrently
from tests.support.problems import assert_problem

_DRAFT = {"title": "Oils", "price_amount": 49_900, "currency": "SEK"}


@pytest.fixture
def teacher(api: ApiHarness) -> User:
    return api.user("teacher")


def _key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


def _courses(api: ApiHarness, teacher: User) -> int:
    with api.sessions.begin() as session:
        wanted = select(func.count()).select_from(Course).where(Course.teacher_id == teacher.id)
        return session.scalars(wanted).one()


def test_a_repeated_request_has_one_effect(api: ApiHarness, teacher: User) -> None:
    key = _key()
    first, second = (teacher.http.post("/courses", json=_DRAFT, headers=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["location"] == first.headers["location"] == f"/courses/{first.json()['id']}"
    assert second.json() == first.json()
    assert _courses(api, teacher) == 1


def test_every_request_without_a_key_has_an_effect(api: ApiHarness, teacher: User) -> None:
    for _ in range(2):
        assert teacher.http.post("/courses", json=_DRAFT).status_code == 201
    assert _courses(api, teacher) == 2


def test_a_stored_response_may_have_no_body(teacher: User) -> None:
    location = teacher.http.post("/feed", json={"body": "News"}).headers["location"]
    key = _key()
    answers = [teacher.http.delete(location, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204]
    assert [answer.content for answer in answers] == [b"", b""]


@pytest.mark.parametrize("path", ["/courses", "/services", "/courses?other=query"])
def test_another_request_with_the_same_key_is_refused(api: ApiHarness, teacher: User, path: str) -> None:
    key = _key()
    assert teacher.http.post("/courses", json=_DRAFT, headers=key).status_code == 201
    other = {**_DRAFT, "duration_minutes": 60} if path == "/services" else _DRAFT
    other = {**_DRAFT, "title": "Other"} if path == "/courses" else other
    refusal = assert_problem(teacher.http.post(path, json=other, headers=key), 422, "idempotency_key_reused")
    assert refusal["field"] == "Idempotency-Key"
    assert _courses(api, teacher) == 1


def test_the_same_key_of_two_users_is_two_keys(api: ApiHarness, teacher: User) -> None:
    key = _key()
    for person in (teacher, api.user("teacher")):
        answer = person.http.post("/courses", json={**_DRAFT, "title": str(person.id)}, headers=key)
        assert answer.status_code == 201
        assert "idempotent-replayed" not in answer.headers


def test_a_second_request_is_refused_while_the_first_is_in_flight(api: ApiHarness, teacher: User) -> None:
    key = _key()
    ticket = RequestKey(teacher.id, key["Idempotency-Key"], b"")
    with api.sessions.begin() as session:
        assert session.scalar(text("select pg_try_advisory_xact_lock(:lock)"), {"lock": ticket.lock})
        answer = teacher.http.post("/courses", json=_DRAFT, headers=key)
        assert_problem(answer, 409, "idempotency_key_in_flight")
        assert answer.headers["retry-after"] == "1"
    assert teacher.http.post("/courses", json=_DRAFT, headers=key).status_code == 201


def test_twenty_concurrent_requests_have_one_effect(api: ApiHarness, teacher: User) -> None:
    key = _key()
    calls = [lambda: teacher.http.post("/courses", json=_DRAFT, headers=key)] * 20
    answers = run_concurrently(*calls)
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert _courses(api, teacher) == 1


def test_a_refused_request_does_not_use_up_its_key(teacher: User) -> None:
    key = _key()
    location = teacher.http.post("/courses", json=_DRAFT).headers["location"]
    teacher.http.post(f"{location}/archive")
    assert_problem(teacher.http.post(f"{location}/archive", headers=key), 409, "offer_state")
    teacher.http.post(f"{location}/publish")
    assert teacher.http.post(f"{location}/archive", headers=key).status_code == 200


def test_the_stored_response_and_the_effect_are_one_transaction(api: ApiHarness, teacher: User) -> None:
    key = _key()
    with api.sessions.begin() as session:
        session.execute(
            text(
                "alter table app.idempotency_keys add constraint broken check (key <> :key)".replace(
                    ":key", f"'{key['Idempotency-Key']}'"
                )
            )
        )
    try:
        assert_problem(teacher.http.post("/courses", json=_DRAFT, headers=key), 500, "unexpected")
    finally:
        with api.sessions.begin() as session:
            session.execute(text("alter table app.idempotency_keys drop constraint broken"))
    assert _courses(api, teacher) == 0


@pytest.mark.parametrize("key", ["", "two words", "tab\there", "å", "x" * 256])
def test_a_key_that_is_not_1_to_255_visible_characters_is_refused(teacher: User, key: str) -> None:
    answer = teacher.http.post("/courses", json=_DRAFT, headers={b"Idempotency-Key": key.encode("latin-1")})
    assert assert_problem(answer, 422, "input_invalid")["field"] == "Idempotency-Key"


def test_the_longest_key_is_accepted(teacher: User) -> None:
    answer = teacher.http.post("/courses", json=_DRAFT, headers={"Idempotency-Key": uuid4().hex + "~" * 223})
    assert answer.status_code == 201


def test_a_token_with_a_revoked_role_changes_nothing(api: ApiHarness, teacher: User) -> None:
    with api.sessions.begin() as session:
        session.get_one(Profile, teacher.id).role = "member"
    assert_problem(teacher.http.post("/courses", json=_DRAFT), 401, "session_ended")
    assert _courses(api, teacher) == 0


def test_a_repeated_registration_with_the_same_key_has_one_effect(api: ApiHarness) -> None:
    key = _key()
    body = {"email": f"{uuid4().hex}@aula.example", "password": "correct horse", "display_name": "New"}
    answers = [api.visitor().post("/auth/register", json=body, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[1].headers["idempotent-replayed"] == "true"
    with api.sessions.begin() as session:
        stored = session.scalars(select(IdempotencyKey).order_by(IdempotencyKey.id.desc()).limit(1)).one()
        tags = session.scalars(select(AuditEvent.tag).order_by(AuditEvent.id.desc()).limit(1)).one()
    # Without a user the key is stored as a hash of itself and the client's address.
    assert (stored.profile_id, len(stored.key)) == (None, 64)
    assert tags == "accounts:profile:registered"
