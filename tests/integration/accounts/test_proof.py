"""The proof of an address: an account signs in only when its owner has opened the link and knows the password."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import func, select

from core.accounts.one_time_tokens import AGAIN_AFTER, LIVES
from core.maintenance.prune import prune_rows
from core.retention import Retention
from db.models import Job, MailMessage, OneTimeToken, Profile
from tests.support.accounts import PASSWORD, Account, link_token
from tests.support.api_harness import ApiHarness
from tests.support.concurrency import run_concurrently
from tests.support.problems import assert_problem

NAME = "A name that a stranger has chosen"


def registered(api: ApiHarness, **changes: object) -> dict[str, Any]:
    body = {"email": f"{uuid4().hex}@aula.example", "password": PASSWORD, "display_name": NAME, **changes}
    assert api.visitor().post("/auth/register", json=body).status_code == 202
    return body


def log_in(api: ApiHarness, body: dict[str, Any]) -> httpx.Response:
    return api.visitor().post("/auth/login", json={"email": body["email"], "password": body["password"]})


def verify(api: ApiHarness, token: str, password: str = PASSWORD) -> httpx.Response:
    return api.visitor().post("/auth/verify", json={"token": token, "password": password})


def templates(api: ApiHarness, email: str) -> list[str]:
    """The emails to an account, oldest first."""
    with api.sessions.begin() as session:
        owner = session.scalars(select(Profile.id).where(Profile.email == email)).one()
        wanted = select(MailMessage.template).where(MailMessage.profile_id == owner).order_by(MailMessage.id)
        return list(session.scalars(wanted))


def test_an_account_signs_in_after_its_address_is_proven(api: ApiHarness) -> None:
    body = registered(api)
    assert_problem(log_in(api, body), 403, "email_unproven")
    token = link_token(api, body["email"], "prove_email")
    assert verify(api, token).status_code == 204
    assert log_in(api, body).status_code == 200
    assert verify(api, token).status_code == 204
    assert templates(api, body["email"]) == ["prove_email"]


def test_a_link_without_the_password_proves_nothing(api: ApiHarness) -> None:
    body = registered(api)
    token = link_token(api, body["email"], "prove_email")
    assert_problem(verify(api, token, "wrong horse battery"), 403, "password_wrong")
    assert_problem(log_in(api, body), 403, "email_unproven")


def test_the_last_registration_of_an_unproven_address_counts(api: ApiHarness) -> None:
    first = registered(api)
    old = link_token(api, first["email"], "prove_email")
    second = registered(api, email=first["email"], password="another one entirely")
    assert_problem(verify(api, old), 403, "token_refused")
    token = link_token(api, first["email"], "prove_email")
    assert_problem(verify(api, token, first["password"]), 403, "password_wrong")
    assert verify(api, token, second["password"]).status_code == 204
    assert log_in(api, second).status_code == 200
    assert_problem(log_in(api, first), 401, "login_refused")


def test_a_proven_account_keeps_its_password_when_its_address_is_registered_again(account: Account) -> None:
    registered(account.api, email=account.email, password="another one entirely")
    assert account.log_in().status_code == 200
    assert templates(account.api, account.email) == ["prove_email", "register"]


@pytest.mark.parametrize("change", ["expired", "of another purpose", "cut", "changed", "not ascii", "unknown"])
def test_a_token_that_is_not_valid_is_refused_without_a_reason(api: ApiHarness, change: str) -> None:
    body = registered(api)
    token = link_token(api, body["email"], "prove_email")
    bad = {"cut": token[:-4], "changed": token[:-2] + "AA", "not ascii": "å" * 64, "unknown": "A" * 64}.get(
        change, token
    )
    if change == "expired":
        api.clock.ahead = LIVES["prove_email"]
    if change == "of another purpose":
        api.visitor().post("/auth/password/forgot", json={"email": body["email"]})
        bad = link_token(api, body["email"], "reset_password")
    refusal = assert_problem(verify(api, bad), 403, "token_refused")
    api.clock.ahead = timedelta()
    assert refusal["detail"] == "Ask for a new one: a link works once, and for a limited time."
    assert_problem(log_in(api, body), 403, "email_unproven")


def test_a_link_is_sent_again_after_a_while_and_replaces_the_first(api: ApiHarness) -> None:
    body = registered(api)
    old = link_token(api, body["email"], "prove_email")
    for ahead in (timedelta(), AGAIN_AFTER, AGAIN_AFTER):
        api.clock.ahead = ahead
        assert api.visitor().post("/auth/verify/resend", json={"email": body["email"]}).status_code == 202
    api.clock.ahead = timedelta()
    assert templates(api, body["email"]) == ["prove_email", "prove_email"]
    assert_problem(verify(api, old), 403, "token_refused")
    assert verify(api, link_token(api, body["email"], "prove_email")).status_code == 204


@pytest.mark.parametrize("path", ["/auth/verify/resend", "/auth/password/forgot"])
def test_known_and_unknown_addresses_get_the_same_answer(account: Account, path: str) -> None:
    known = account.http.post(path, json={"email": account.email})
    unknown = account.http.post(path, json={"email": f"{uuid4().hex}@aula.example"})
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (202, known.content)
    assert known.headers.keys() == unknown.headers.keys()


def test_one_link_redeemed_twice_at_once_has_one_effect(api: ApiHarness) -> None:
    body = registered(api)
    token = link_token(api, body["email"], "prove_email")
    answers = run_concurrently(*[lambda: verify(api, token)] * 4)
    assert {answer.status_code for answer in answers} == {204}
    with api.sessions.begin() as session:
        owner = session.scalars(select(Profile).where(Profile.email == body["email"])).one()
    assert api.audit_tags(str(owner.id)).count("accounts:profile:address_proven") == 1


def test_the_database_has_no_secret_of_a_link(api: ApiHarness) -> None:
    body = registered(api)
    token = link_token(api, body["email"], "prove_email")
    with api.sessions.begin() as session:
        stored = [
            str(value)
            for column in (Job.payload, MailMessage.params, OneTimeToken.id)
            for value in session.scalars(select(column)).all()
        ]
    assert stored
    assert [one for one in stored if token[24:] in one] == []


def test_old_links_are_pruned(api: ApiHarness) -> None:
    body = registered(api)
    wanted = select(func.count()).select_from(OneTimeToken).where(OneTimeToken.email == body["email"])
    with api.sessions.begin() as session:
        assert session.scalar(wanted) == 1
        prune_rows(session, "links", api.clock() + LIVES["prove_email"] + timedelta(days=7), Retention())
        assert session.scalar(wanted) == 0
