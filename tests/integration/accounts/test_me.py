"""One's own account."""

from uuid import UUID

from sqlalchemy import func, select

from db.models import AuditEvent, Course, Enrollment, IdempotencyKey, Order, Post, Profile, RefreshToken
from tests.integration.accounts.people import PASSWORD, Account, register
from tests.integration.answers import problem
from tests.integration.orders.shop import Shop


def _erase(account: Account, password: str = PASSWORD, **headers: str) -> int:
    body = {"password": password}
    answer = account.http.request("DELETE", "/me", json=body, headers={**account.headers, **headers})
    return answer.status_code


def test_name_and_language_can_be_changed(account: Account) -> None:
    answer = account.http.patch("/me", json={"display_name": " Åsa ", "locale": "en"}, headers=account.headers)
    assert (answer.json()["display_name"], answer.json()["locale"]) == ("Åsa", "en")
    assert account.me().json() == answer.json()


def test_what_is_not_sent_stays(account: Account) -> None:
    answer = account.http.patch("/me", json={"locale": "en"}, headers=account.headers)
    assert (answer.json()["display_name"], answer.json()["locale"]) == ("Somebody", "en")


def test_role_and_address_cannot_be_changed(account: Account) -> None:
    for field in ("role", "email", "id"):
        answer = account.http.patch("/me", json={field: "admin"}, headers=account.headers)
        assert problem(answer, 422, "input_invalid")["field"] == field


def test_an_empty_change_says_what_can_be_changed(account: Account) -> None:
    answer = account.http.patch("/me", json={}, headers=account.headers)
    assert "display_name, locale" in problem(answer, 422, "input_invalid")["detail"]


def test_erasing_asks_for_the_password(account: Account) -> None:
    answer = account.http.request("DELETE", "/me", json={"password": "wrong"}, headers=account.headers)
    assert problem(answer, 403, "password_wrong")["field"] == "password"
    assert account.me().status_code == 200


def test_erasing_takes_the_person_away(shop: Shop) -> None:
    account = register(shop)
    course = shop.add(Course(teacher_id=account.id, title="Oils", price_amount=1, currency="SEK", state="published"))
    shop.add(Post(author_id=account.id, body="News"))
    account.http.patch("/me", json={"locale": "en"}, headers={**account.headers, "Idempotency-Key": "k"})
    assert _erase(account) == 204
    with shop.sessions.begin() as session:
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


def test_after_erasing_nothing_opens_the_account(account: Account) -> None:
    assert _erase(account) == 204
    problem(account.me(), 401, "unauthorized")
    problem(account.log_in(), 401, "login_refused")
    problem(account.refresh(), 401, "refresh_token_refused")
    problem(account.http.patch("/me", json={"locale": "en"}, headers=account.headers), 401, "unauthorized")
    item = account.shop.course()
    problem(account.http.post("/orders", json={"items": [item]}, headers=account.headers), 401, "unauthorized")


def test_an_erasure_whose_answer_was_lost_is_answered_again(account: Account) -> None:
    assert [_erase(account, **{"Idempotency-Key": "k"}) for _ in range(2)] == [204, 204]


def test_the_address_is_free_again(account: Account) -> None:
    _erase(account)
    body = {"email": account.email, "password": PASSWORD, "display_name": "New"}
    account.http.post("/auth/register", json=body)
    assert account.log_in().status_code == 200


def test_bookkeeping_stays(account: Account) -> None:
    shop = account.shop
    item = shop.course()
    placed = account.http.post("/orders", json={"items": [item]}, headers=account.headers)
    assert placed.status_code == 201, placed.text
    shop.add(Enrollment(profile_id=account.id, course_id=UUID(str(item["course_id"]))))
    assert _erase(account) == 204
    with shop.sessions.begin() as session:
        for table in (Order, Enrollment):
            assert session.scalar(select(func.count()).where(table.profile_id == account.id)) == 1
