"""Forgotten and changed passwords: sessions end, the owner is told, and a link works once."""

from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from core.accounts.one_time_tokens import LIVES
from db.models import MailMessage
from tests.support.accounts import PASSWORD, Account, link_token
from tests.support.concurrency import run_concurrently
from tests.support.problems import assert_problem

NEW = "another one entirely"


def forgotten(account: Account) -> str:
    """The token of the link that the owner is mailed."""
    assert account.http.post("/auth/password/forgot", json={"email": account.email}).status_code == 202
    return link_token(account.api, account.email, "reset_password")


def reset(account: Account, token: str, password: str = NEW) -> httpx.Response:
    return account.http.post("/auth/password/reset", json={"token": token, "password": password})


def change(account: Account, current: str = PASSWORD, new: str = NEW) -> httpx.Response:
    body = {"current_password": current, "password": new}
    return account.http.post("/me/password", json=body, headers=account.headers)


def templates(account: Account) -> list[str]:
    with account.api.sessions.begin() as session:
        wanted = select(MailMessage.template).where(MailMessage.profile_id == account.id).order_by(MailMessage.id)
        return list(session.scalars(wanted))


def test_a_forgotten_password_is_replaced_by_the_link(account: Account) -> None:
    token = forgotten(account)
    assert reset(account, token).status_code == 204
    assert account.log_in(NEW).status_code == 200
    assert_problem(account.log_in(), 401, "login_refused")
    assert_problem(account.me(), 401, "session_ended")
    assert_problem(account.refresh(), 401, "refresh_token_refused")
    assert templates(account) == ["prove_email", "reset_password", "password_changed"]


def test_a_link_for_a_password_works_once(account: Account) -> None:
    token = forgotten(account)
    answers = run_concurrently(*[lambda: reset(account, token)] * 3)
    assert sorted(answer.status_code for answer in answers) == [204, 403, 403]
    assert_problem(reset(account, token, "yet another one of mine"), 403, "token_refused")


def test_a_link_for_a_password_expires(account: Account) -> None:
    token = forgotten(account)
    account.api.clock.ahead = LIVES["reset_password"]
    assert_problem(reset(account, token), 403, "token_refused")
    account.api.clock.ahead = timedelta()


def test_a_weak_password_leaves_the_link_valid(account: Account) -> None:
    token = forgotten(account)
    assert_problem(reset(account, token, "Welcome2024"), 422, "password_weak")
    assert reset(account, token).status_code == 204


def test_a_link_of_an_erased_account_is_refused(account: Account) -> None:
    token = forgotten(account)
    account.http.request("DELETE", "/me", json={"password": PASSWORD}, headers=account.headers)
    assert_problem(reset(account, token), 403, "token_refused")


def test_a_reset_proves_the_address(account: Account) -> None:
    email = f"{uuid4().hex}@aula.example"
    body = {"email": email, "password": PASSWORD, "display_name": "New"}
    account.http.post("/auth/register", json=body)
    account.http.post("/auth/password/forgot", json={"email": email})
    assert reset(account, link_token(account.api, email, "reset_password")).status_code == 204
    assert account.http.post("/auth/login", json={"email": email, "password": NEW}).status_code == 200


def test_a_changed_password_ends_every_other_session(account: Account) -> None:
    other = account.log_in().json()
    assert change(account).status_code == 204
    assert account.me().status_code == 200
    ended = account.http.get("/me", headers={"Authorization": f"Bearer {other['access_token']}"})
    assert_problem(ended, 401, "session_ended")
    assert account.log_in(NEW).status_code == 200
    assert templates(account)[-1] == "password_changed"


@pytest.mark.parametrize(
    ("current", "new", "status", "code", "field"),
    [
        ("wrong horse battery", NEW, 403, "password_wrong", "current_password"),
        (PASSWORD, "Password123", 422, "password_weak", "password"),
    ],
)
def test_a_change_that_is_refused_changes_nothing(
    account: Account, current: str, new: str, status: int, code: str, field: str
) -> None:
    assert assert_problem(change(account, current, new), status, code)["field"] == field
    assert account.log_in().status_code == 200
