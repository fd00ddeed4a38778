"""The Idempotency-Key: one effect for one request, whatever happens to its answer."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from core.idempotency.keys import Ticket
from db.models import AuditEvent, Course, IdempotencyKey, Profile
from tests.integration.answers import problem
from tests.integration.orders.shop import Person, Shop, at_once

_DRAFT = {"title": "Oils", "price_amount": 49_900, "currency": "SEK"}


@pytest.fixture
def teacher(shop: Shop) -> Person:
    return shop.person("teacher")


def _key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


def _courses(shop: Shop, teacher: Person) -> int:
    with shop.sessions.begin() as session:
        wanted = select(func.count()).select_from(Course).where(Course.teacher_id == teacher.id)
        return session.scalars(wanted).one()


def test_the_same_request_has_its_effect_once(shop: Shop, teacher: Person) -> None:
    key = _key()
    first, second = (teacher.http.post("/courses", json=_DRAFT, headers=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["location"] == first.headers["location"] == f"/courses/{first.json()['id']}"
    assert second.json() == first.json()
    assert _courses(shop, teacher) == 1


def test_without_a_key_every_request_counts(shop: Shop, teacher: Person) -> None:
    for _ in range(2):
        assert teacher.http.post("/courses", json=_DRAFT).status_code == 201
    assert _courses(shop, teacher) == 2


def test_an_answer_without_a_body_is_repeated(teacher: Person) -> None:
    location = teacher.http.post("/feed", json={"body": "News"}).headers["location"]
    key = _key()
    answers = [teacher.http.delete(location, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204]
    assert [answer.content for answer in answers] == [b"", b""]


@pytest.mark.parametrize("path", ["/courses", "/services", "/courses?other=query"])
def test_another_request_under_the_key_is_refused(shop: Shop, teacher: Person, path: str) -> None:
    key = _key()
    assert teacher.http.post("/courses", json=_DRAFT, headers=key).status_code == 201
    other = {**_DRAFT, "duration_minutes": 60} if path == "/services" else _DRAFT
    other = {**_DRAFT, "title": "Other"} if path == "/courses" else other
    told = problem(teacher.http.post(path, json=other, headers=key), 422, "idempotency_key_reused")
    assert told["field"] == "Idempotency-Key"
    assert _courses(shop, teacher) == 1


def test_keys_of_two_people_are_two_keys(shop: Shop, teacher: Person) -> None:
    key = _key()
    for person in (teacher, shop.person("teacher")):
        answer = person.http.post("/courses", json={**_DRAFT, "title": str(person.id)}, headers=key)
        assert answer.status_code == 201
        assert "idempotent-replayed" not in answer.headers


def test_while_the_first_is_in_flight_the_second_comes_again(shop: Shop, teacher: Person) -> None:
    key = _key()
    ticket = Ticket(teacher.id, key["Idempotency-Key"], b"")
    with shop.sessions.begin() as session:
        assert session.scalar(text("select pg_try_advisory_xact_lock(:lock)"), {"lock": ticket.lock})
        answer = teacher.http.post("/courses", json=_DRAFT, headers=key)
        problem(answer, 409, "idempotency_key_in_flight")
        assert answer.headers["retry-after"] == "1"
    assert teacher.http.post("/courses", json=_DRAFT, headers=key).status_code == 201


def test_twenty_at_once_have_one_effect(shop: Shop, teacher: Person) -> None:
    key = _key()
    calls = [lambda: teacher.http.post("/courses", json=_DRAFT, headers=key)] * 20
    answers = at_once(*calls)
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert _courses(shop, teacher) == 1


def test_a_refusal_keeps_nothing_so_that_it_can_be_mended(teacher: Person) -> None:
    key = _key()
    location = teacher.http.post("/courses", json=_DRAFT).headers["location"]
    teacher.http.post(f"{location}/archive")
    problem(teacher.http.post(f"{location}/archive", headers=key), 409, "offer_state")
    teacher.http.post(f"{location}/publish")
    assert teacher.http.post(f"{location}/archive", headers=key).status_code == 200


def test_the_answer_and_the_effect_are_one_transaction(shop: Shop, teacher: Person) -> None:
    key = _key()
    with shop.sessions.begin() as session:
        session.execute(
            text(
                "alter table app.idempotency_keys add constraint broken check (key <> :key)".replace(
                    ":key", f"'{key['Idempotency-Key']}'"
                )
            )
        )
    try:
        problem(teacher.http.post("/courses", json=_DRAFT, headers=key), 500, "unexpected")
    finally:
        with shop.sessions.begin() as session:
            session.execute(text("alter table app.idempotency_keys drop constraint broken"))
    assert _courses(shop, teacher) == 0


@pytest.mark.parametrize("key", ["", "two words", "tab\there", "å", "x" * 256])
def test_a_key_is_up_to_255_visible_characters(teacher: Person, key: str) -> None:
    answer = teacher.http.post("/courses", json=_DRAFT, headers={b"Idempotency-Key": key.encode("latin-1")})
    assert problem(answer, 422, "input_invalid")["field"] == "Idempotency-Key"


def test_the_longest_key_is_taken(teacher: Person) -> None:
    answer = teacher.http.post("/courses", json=_DRAFT, headers={"Idempotency-Key": uuid4().hex + "~" * 223})
    assert answer.status_code == 201


def test_a_token_that_outlived_its_role_changes_nothing(shop: Shop, teacher: Person) -> None:
    with shop.sessions.begin() as session:
        session.get_one(Profile, teacher.id).role = "member"
    problem(teacher.http.post("/courses", json=_DRAFT), 401, "unauthorized")
    assert _courses(shop, teacher) == 0


def test_registering_again_under_the_key_tells_nobody(shop: Shop) -> None:
    key = _key()
    body = {"email": f"{uuid4().hex}@aula.example", "password": "correct horse", "display_name": "New"}
    answers = [shop.visitor().post("/auth/register", json=body, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[1].headers["idempotent-replayed"] == "true"
    with shop.sessions.begin() as session:
        stored = session.scalars(select(IdempotencyKey).order_by(IdempotencyKey.id.desc()).limit(1)).one()
        tags = session.scalars(select(AuditEvent.tag).order_by(AuditEvent.id.desc()).limit(1)).one()
    # The key is stored with the client's address, and hashed.
    assert (stored.profile_id, len(stored.key)) == (None, 64)
    assert tags == "accounts:profile:registered"
