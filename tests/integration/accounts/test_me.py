"""Read, change and erase the own account."""

from uuid import UUID

from sqlalchemy import func, select

from db.models import (
    AuditEvent,
    Course,
    Enrollment,
    IdempotencyKey,
    Lesson,
    LessonCompletion,
    Order,
    Post,
    Profile,
    RefreshToken,
    Refund,
)
from tests.support.accounts import PASSWORD, Account, link_token, register_account
from tests.support.api_harness import ApiHarness
from tests.support.problems import assert_problem


def _erase(account: Account, password: str = PASSWORD, **headers: str) -> int:
    body = {"password": password}
    answer = account.http.request("DELETE", "/me", json=body, headers={**account.headers, **headers})
    return answer.status_code


def test_name_and_language_can_be_changed(account: Account) -> None:
    answer = account.http.patch("/me", json={"display_name": " Åsa ", "locale": "en"}, headers=account.headers)
    assert (answer.json()["display_name"], answer.json()["locale"]) == ("Åsa", "en")
    assert account.me().json() == answer.json()


def test_a_field_that_is_not_sent_keeps_its_value(account: Account) -> None:
    answer = account.http.patch("/me", json={"locale": "en"}, headers=account.headers)
    assert (answer.json()["display_name"], answer.json()["locale"]) == ("Test User", "en")


def test_role_and_address_cannot_be_changed(account: Account) -> None:
    for field in ("role", "email", "id"):
        answer = account.http.patch("/me", json={field: "admin"}, headers=account.headers)
        assert assert_problem(answer, 422, "input_invalid")["field"] == field


def test_an_empty_change_is_refused_and_names_the_fields(account: Account) -> None:
    answer = account.http.patch("/me", json={}, headers=account.headers)
    assert "display_name, locale" in assert_problem(answer, 422, "input_invalid")["detail"]


def test_erasure_requires_the_password(account: Account) -> None:
    answer = account.http.request("DELETE", "/me", json={"password": "wrong"}, headers=account.headers)
    assert assert_problem(answer, 403, "password_wrong")["field"] == "password"
    assert account.me().status_code == 200


def test_erasure_removes_personal_data(api: ApiHarness) -> None:
    account = register_account(api)
    course = api.add(Course(teacher_id=account.id, title="Oils", price_amount=1, currency="SEK", state="published"))
    api.add(Post(author_id=account.id, body="News"))
    account.http.patch("/me", json={"locale": "en"}, headers={**account.headers, "Idempotency-Key": "k"})
    assert _erase(account) == 204
    with api.sessions.begin() as session:
        profile = session.get_one(Profile, account.id)
        assert profile.email == f"erased-{account.id}@erased.invalid"
        assert (profile.display_name, profile.password_hash) == ("Erased", "")
        assert profile.erased_at is not None
        assert session.get_one(Course, course.id).state == "archived"
        for table in (RefreshToken, IdempotencyKey):
            count = select(func.count()).select_from(table).where(table.profile_id == account.id)
            assert session.scalar(count) == 0
        assert session.scalar(select(func.count()).where(Post.author_id == account.id)) == 0
        tags = session.scalars(select(AuditEvent.tag).where(AuditEvent.subject_id == account.id)).all()
        assert "accounts:profile:erased" in tags


def test_an_erased_account_can_no_longer_be_used(account: Account) -> None:
    assert _erase(account) == 204
    assert_problem(account.me(), 401, "session_ended")
    assert_problem(account.log_in(), 401, "login_refused")
    assert_problem(account.refresh(), 401, "refresh_token_refused")
    assert_problem(account.http.patch("/me", json={"locale": "en"}, headers=account.headers), 401, "session_ended")
    item = account.api.course()
    assert_problem(account.http.post("/orders", json={"items": [item]}, headers=account.headers), 401, "session_ended")


def test_an_erasure_that_is_repeated_finds_no_session(account: Account) -> None:
    assert [_erase(account, **{"Idempotency-Key": "k"}) for _ in range(2)] == [204, 401]


def test_the_address_of_an_erased_account_can_register_again(account: Account) -> None:
    _erase(account)
    body = {"email": account.email, "password": PASSWORD, "display_name": "New"}
    account.http.post("/auth/register", json=body)
    token = link_token(account.api, account.email, "prove_email")
    account.http.post("/auth/verify", json={"token": token, "password": PASSWORD})
    assert account.log_in().status_code == 200


def test_erasure_keeps_orders_and_enrollments(account: Account) -> None:
    api = account.api
    item = api.course()
    placed = account.http.post("/orders", json={"items": [item]}, headers=account.headers)
    assert placed.status_code == 201, placed.text
    api.enroll(account.id, item["course_id"])
    assert _erase(account) == 204
    with api.sessions.begin() as session:
        for table in (Order, Enrollment):
            assert session.scalar(select(func.count()).where(table.profile_id == account.id)) == 1


def test_erasure_deletes_progress_and_the_words_of_refunds(account: Account) -> None:
    api = account.api
    course_id = UUID(str(api.course()["course_id"]))
    lesson = api.add(Lesson(course_id=course_id, position=1, title="One"))
    api.add(LessonCompletion(profile_id=account.id, lesson_id=lesson.id))
    money = {"state": "succeeded", "amount": 100, "currency": "SEK", "provider_payment_id": "pi_erased"}
    refund = api.add(Refund(requested_by=account.id, requested_as="buyer", reason="I am ill", **money))
    assert _erase(account) == 204
    with api.sessions.begin() as session:
        done = select(func.count()).where(LessonCompletion.profile_id == account.id)
        assert session.scalar(done) == 0
        assert session.get_one(Refund, refund.id).reason == ""
