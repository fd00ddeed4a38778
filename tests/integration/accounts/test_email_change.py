"""A changed address: the new one is proven first, and the old one is told."""

from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from core.mail.render import render
from db.models import MailMessage, Profile
from tests.support.accounts import PASSWORD, Account, link_token, register_account
from tests.support.addresses import ADDRESSES
from tests.support.problems import assert_problem


@pytest.fixture
def new_email() -> str:
    return f"{uuid4().hex}@aula.example"


def ask(account: Account, email: str, password: str = PASSWORD) -> httpx.Response:
    return account.http.post("/me/email", json={"email": email, "password": password}, headers=account.headers)


def confirm(account: Account, email: str) -> httpx.Response:
    token = link_token(account.api, email, "change_email")
    return account.http.post("/auth/email/confirm", json={"token": token})


def recipients(account: Account) -> dict[str, str]:
    """Who gets the emails of the account, by template."""
    with account.api.sessions.begin() as session:
        reader = session.get_one(Profile, account.id)
        mails = session.scalars(select(MailMessage).where(MailMessage.profile_id == account.id)).all()
        return {mail.template: render(session, mail, reader, ADDRESSES).to for mail in mails}


def test_an_address_changes_when_the_new_one_is_confirmed(account: Account, new_email: str) -> None:
    assert ask(account, new_email).status_code == 202
    told = recipients(account)
    assert (told["change_email"], told["email_changing"]) == (new_email, account.email)
    assert account.me().json()["email"] == account.email
    assert confirm(account, new_email).status_code == 204
    assert_problem(account.me(), 401, "session_ended")
    assert_problem(account.log_in(), 401, "login_refused")
    account.email = new_email
    assert account.log_in().status_code == 200
    assert_problem(confirm(account, new_email), 403, "token_refused")


def test_an_address_that_is_taken_is_told_to_its_owner_alone(account: Account) -> None:
    other = register_account(account.api)
    free = ask(account, f"{uuid4().hex}@aula.example")
    taken = ask(account, other.email)
    assert (taken.status_code, taken.content) == (free.status_code, free.content)
    assert_problem(confirm(account, other.email), 409, "email_taken")
    assert account.log_in().status_code == other.log_in().status_code == 200


def test_an_address_that_was_never_proven_is_free(account: Account, new_email: str) -> None:
    body = {"email": new_email, "password": "a stranger's own words", "display_name": "Stranger"}
    account.http.post("/auth/register", json=body)
    ask(account, new_email)
    assert confirm(account, new_email).status_code == 204
    refused = account.http.post("/auth/login", json={"email": new_email, "password": body["password"]})
    assert_problem(refused, 401, "login_refused")


def test_a_change_needs_the_password(account: Account, new_email: str) -> None:
    assert_problem(ask(account, new_email, "wrong horse battery"), 403, "password_wrong")
    assert "change_email" not in recipients(account)
