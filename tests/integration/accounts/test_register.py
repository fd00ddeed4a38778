"""Registration, which tells nobody who has an account."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from db.models import AuditEvent, Job, MailMessage, Profile
from tests.integration.accounts.people import PASSWORD, Account
from tests.integration.answers import problem
from tests.integration.orders.shop import Shop, at_once


def _body(**changes: object) -> dict[str, Any]:
    return {"email": f"{uuid4().hex}@aula.example", "password": PASSWORD, "display_name": "New", **changes}


def _rows(shop: Shop) -> tuple[int, ...]:
    with shop.sessions.begin() as session:
        return tuple(
            session.scalars(select(func.count()).select_from(table)).one()
            for table in (Profile, AuditEvent, MailMessage, Job)
        )


def test_a_new_account_is_a_member_and_can_sign_in(account: Account) -> None:
    me = account.me().json()
    assert (me["id"], me["email"], me["role"], me["locale"]) == (str(account.id), account.email, "member", "sv")
    with account.shop.sessions.begin() as session:
        tags = session.scalars(select(AuditEvent.tag).where(AuditEvent.subject_id == account.id)).all()
        stored = session.get_one(Profile, account.id).password_hash
    assert tags == ["accounts:profile:registered", "accounts:profile:logged_in"]
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_known_address_gets_the_same_answer_and_its_owner_a_mail(account: Account) -> None:
    shop = account.shop
    new = shop.visitor().post("/auth/register", json=_body())
    before = _rows(shop)
    known = shop.visitor().post(
        "/auth/register", json=_body(email=account.email.upper(), password="another one entirely")
    )
    assert (known.status_code, known.content) == (new.status_code, new.content)
    assert known.headers.keys() == new.headers.keys()
    profiles, audits, mails, jobs = before
    assert _rows(shop) == (profiles, audits, mails + 1, jobs + 1)
    assert account.log_in().status_code == 200
    with shop.sessions.begin() as session:
        mail = session.scalars(select(MailMessage).where(MailMessage.profile_id == account.id)).one()
        job = session.scalars(select(Job).where(Job.payload["mail_id"].astext == str(mail.id))).one()
    assert mail.dedupe_key == f"register:{account.id}:{shop.clock():%Y-%m-%d}"
    assert (mail.template, job.kind) == ("register", "mail.send")


def test_the_owner_of_an_address_is_told_once_a_day(account: Account) -> None:
    shop = account.shop
    for ahead in (timedelta(), timedelta(), timedelta(days=1)):
        shop.clock.ahead = ahead
        assert account.http.post("/auth/register", json=_body(email=account.email)).status_code == 202
    shop.clock.ahead = timedelta()
    with shop.sessions.begin() as session:
        mails = session.scalars(select(MailMessage.dedupe_key).where(MailMessage.profile_id == account.id)).all()
    assert len(mails) == 2


def test_one_address_registered_many_times_at_once_is_one_account(shop: Shop) -> None:
    body = _body()
    http = shop.visitor()
    answers = at_once(*[lambda: http.post("/auth/register", json=body)] * 6)
    assert {answer.status_code for answer in answers} == {202}
    with shop.sessions.begin() as session:
        assert len(session.scalars(select(Profile.id).where(Profile.email == body["email"])).all()) == 1


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "123456789",
        "x" * 129,
        "Password123",
        "QWERTYUIOP",
        "aaaaaaaaaaaa",
        "someone.long@aula.example",
        "Someone.Long",
        "lösenord123",
        "\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44\uff11\uff12\uff13",  # password123 in full width
    ],
)
def test_a_weak_password_is_refused_with_the_rule(shop: Shop, password: str) -> None:
    before = _rows(shop)
    body = _body(email="someone.long@aula.example", password=password)
    answer = shop.visitor().post("/auth/register", json=body)
    told = problem(answer, 422, "password_weak")
    assert told["field"] == "password"
    assert password not in answer.text
    assert _rows(shop) == before


@pytest.mark.parametrize(
    "password", ["ten chars!", "x1" * 64, "åäö åäö åäö", "spaces are fine here", "🐴🔋📎🐴🔋📎🐴🔋📎✅"]
)
def test_long_passwords_of_any_signs_are_taken(shop: Shop, password: str) -> None:
    body = _body(password=password)
    http = shop.visitor()
    assert http.post("/auth/register", json=body).status_code == 202
    answer = http.post("/auth/login", json={"email": body["email"], "password": password})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "email", ["", "a", "a@b", "a@b.invalid", "a b@aula.example", "a@aula.example\x00", "a@" + "b" * 260]
)
def test_an_address_must_be_one(shop: Shop, email: str) -> None:
    answer = shop.visitor().post("/auth/register", json=_body(email=email))
    assert problem(answer, 422, "input_invalid")["field"] == "email"


@pytest.mark.parametrize("field", ["role", "id", "password_hash", "erased_at"])
def test_nobody_makes_themselves_more_than_a_member(shop: Shop, field: str) -> None:
    answer = shop.visitor().post("/auth/register", json=_body(**{field: "admin"}))
    assert problem(answer, 422, "input_invalid")["field"] == field
