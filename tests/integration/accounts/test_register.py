"""Registration, which does not show whether an address has an account."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from db.models import AuditEvent, Job, MailMessage, Profile
from tests.support.accounts import PASSWORD, Account
from tests.support.api_harness import ApiHarness
from tests.support.concurrency import run_concurrently
from tests.support.problems import assert_problem


def _body(**changes: object) -> dict[str, Any]:
    return {"email": f"{uuid4().hex}@aula.example", "password": PASSWORD, "display_name": "New", **changes}


def _rows(api: ApiHarness) -> tuple[int, ...]:
    with api.sessions.begin() as session:
        return tuple(
            session.scalars(select(func.count()).select_from(table)).one()
            for table in (Profile, AuditEvent, MailMessage, Job)
        )


def test_a_new_account_is_a_member_and_can_sign_in(account: Account) -> None:
    me = account.me().json()
    assert (me["id"], me["email"], me["role"], me["locale"]) == (str(account.id), account.email, "member", "sv")
    with account.api.sessions.begin() as session:
        tags = session.scalars(select(AuditEvent.tag).where(AuditEvent.subject_id == account.id)).all()
        stored = session.get_one(Profile, account.id).password_hash
    assert tags == ["accounts:profile:registered", "accounts:profile:address_proven", "accounts:profile:logged_in"]
    assert stored.startswith("$argon2id$")


def test_a_known_address_gets_the_same_response_and_its_owner_an_email(account: Account) -> None:
    api = account.api
    new = api.visitor().post("/auth/register", json=_body())
    before = _rows(api)
    known = api.visitor().post(
        "/auth/register", json=_body(email=account.email.upper(), password="another one entirely")
    )
    assert (known.status_code, known.content) == (new.status_code, new.content)
    assert known.headers.keys() == new.headers.keys()
    profiles, audits, mails, jobs = before
    assert _rows(api) == (profiles, audits, mails + 1, jobs + 1)
    assert account.log_in().status_code == 200
    with api.sessions.begin() as session:
        told = (MailMessage.profile_id == account.id) & (MailMessage.template == "register")
        mail = session.scalars(select(MailMessage).where(told)).one()
        job = session.scalars(select(Job).where(Job.payload["mail_id"].astext == str(mail.id))).one()
    assert mail.dedupe_key == f"register:{account.id}:{api.clock():%Y-%m-%d}"
    assert (mail.template, job.kind) == ("register", "mail.send")


def test_the_owner_of_a_known_address_gets_one_email_a_day(account: Account) -> None:
    api = account.api
    for ahead in (timedelta(), timedelta(), timedelta(days=1)):
        api.clock.ahead = ahead
        assert account.http.post("/auth/register", json=_body(email=account.email)).status_code == 202
    api.clock.ahead = timedelta()
    with api.sessions.begin() as session:
        told = (MailMessage.profile_id == account.id) & (MailMessage.template == "register")
        mails = session.scalars(select(MailMessage.dedupe_key).where(told)).all()
    assert len(mails) == 2


def test_concurrent_registrations_of_one_address_make_one_account(api: ApiHarness) -> None:
    body = _body()
    http = api.visitor()
    answers = run_concurrently(*[lambda: http.post("/auth/register", json=body)] * 6)
    assert {answer.status_code for answer in answers} == {202}
    with api.sessions.begin() as session:
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
        "Welcome2024",
        "P@ssw0rd123",
        "Sommar2024!",
        "aula123456",
        "\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44\uff11\uff12\uff13",  # password123 in full width
    ],
)
def test_a_weak_password_is_refused(api: ApiHarness, password: str) -> None:
    before = _rows(api)
    body = _body(email="someone.long@aula.example", password=password)
    answer = api.visitor().post("/auth/register", json=body)
    refusal = assert_problem(answer, 422, "password_weak")
    assert refusal["field"] == "password"
    assert password not in answer.text
    assert _rows(api) == before


@pytest.mark.parametrize(
    "password", ["kvx!tz9wqp", "horse blåmes " * 9, "åska över öland", "spaces are fine here", "🐴🔋📎🍀🎻🧲🪁🦉🪵✅"]
)
def test_long_passwords_of_any_characters_are_accepted(api: ApiHarness, password: str) -> None:
    body = _body(password=password)
    http = api.visitor()
    assert http.post("/auth/register", json=body).status_code == 202
    answer = http.post("/auth/login", json={"email": body["email"], "password": password})
    assert_problem(answer, 403, "email_unproven")


@pytest.mark.parametrize(
    "email", ["", "a", "a@b", "a@b.invalid", "a b@aula.example", "a@aula.example\x00", "a@" + "b" * 260]
)
def test_an_invalid_address_is_refused(api: ApiHarness, email: str) -> None:
    answer = api.visitor().post("/auth/register", json=_body(email=email))
    assert assert_problem(answer, 422, "input_invalid")["field"] == "email"


@pytest.mark.parametrize("field", ["role", "id", "password_hash", "erased_at"])
def test_a_registration_cannot_set_other_fields(api: ApiHarness, field: str) -> None:
    answer = api.visitor().post("/auth/register", json=_body(**{field: "admin"}))
    assert assert_problem(answer, 422, "input_invalid")["field"] == field
