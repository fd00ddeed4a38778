"""Sessions can be listed and ended, and an end counts at once: everywhere, for every token of the session."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select, update

from core.accounts.profile import account_of
from core.accounts.sessions import MAX_LIFE, MAX_OPEN, Client, LoginRefused, sign_in
from core.maintenance.prune import prune_rows
from core.retention import Retention
from db.models import LoginSession, Profile, RefreshToken
from tests.support.accounts import PASSWORD, Account
from tests.support.api_harness import ApiHarness
from tests.support.problems import assert_problem

METHODS = ("get", "post", "put", "patch", "delete")


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def sessions_of(account: Account, **headers: str) -> list[dict[str, Any]]:
    answer = account.http.get("/me/sessions", headers={**account.headers, **headers})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def operations(api: ApiHarness) -> list[tuple[str, str]]:
    """Method and path, with ids of nothing, of every operation that needs or takes a bearer."""
    return [
        (method, re.sub(r"\{[^}]+\}", str(uuid4()), path))
        for path, methods in api.app.openapi()["paths"].items()
        for method in METHODS
        if any(scheme for scheme in methods.get(method, {}).get("security", []))
    ]


def call_all(api: ApiHarness, headers: dict[str, str]) -> dict[tuple[str, str], httpx.Response]:
    http = api.visitor(headers)
    return {(method, path): http.request(method.upper(), path) for method, path in operations(api)}


def test_an_access_token_is_refused_everywhere_after_the_logout(account: Account) -> None:
    assert account.http.post("/auth/logout", json={"refresh_token": account.tokens["refresh_token"]}).status_code == 204
    answers = call_all(account.api, account.headers)
    assert len(answers) > 80
    for answer in answers.values():
        assert_problem(answer, 401, "session_ended")


def test_an_access_token_is_refused_everywhere_after_an_erasure(account: Account) -> None:
    body = {"password": PASSWORD}
    assert account.http.request("DELETE", "/me", json=body, headers=account.headers).status_code == 204
    for answer in call_all(account.api, account.headers).values():
        assert_problem(answer, 401, "session_ended")


def test_an_access_token_is_refused_everywhere_after_its_role_has_changed(account: Account) -> None:
    with account.api.sessions.begin() as session:
        session.execute(update(Profile).where(Profile.id == account.id).values(role="teacher"))
    for answer in call_all(account.api, account.headers).values():
        assert_problem(answer, 401, "session_ended")


@pytest.mark.parametrize("event", ["a new password", "an erasure"])
def test_a_sign_in_is_refused_when_its_password_is_gone_before_it_ends(account: Account, event: str) -> None:
    with account.api.sessions.begin() as session:
        checked = account_of(session, account.email)
    assert checked
    body = {"current_password": PASSWORD, "password": f"{PASSWORD} again"}
    if event == "a new password":
        assert account.http.post("/me/password", json=body, headers=account.headers).status_code == 204
    else:
        body = {"password": PASSWORD}
        assert account.http.request("DELETE", "/me", json=body, headers=account.headers).status_code == 204
    now, life = account.api.clock(), timedelta(days=30)
    with account.api.sessions.begin() as session, pytest.raises(LoginRefused):
        sign_in(session, checked, Client(), aal="aal1", now=now, lifetime=life)


def test_sessions_are_listed_with_the_current_one_marked(account: Account) -> None:
    other = account.api.visitor({"User-Agent": "Aula/1.0 (telefon)\tx"})
    other.post("/auth/login", json={"email": account.email, "password": PASSWORD})
    found = sessions_of(account)
    assert [one["current"] for one in found] == [False, True]
    assert found[0]["user_agent"].startswith("Aula/1.0 (telefon)")
    assert found[0]["network"] == "127.0.0.1"


def test_a_session_is_ended_by_its_owner_alone(account: Account, api: ApiHarness) -> None:
    other = account.log_in().json()
    wanted = next(one["id"] for one in sessions_of(account) if not one["current"])
    assert_problem(api.user().http.delete(f"/me/sessions/{wanted}"), 404, "not_found")
    for _ in range(2):
        assert account.http.delete(f"/me/sessions/{wanted}", headers=account.headers).status_code == 204
    assert_problem(account.http.get("/me", headers=bearer(other)), 401, "session_ended")
    assert_problem(account.refresh(other["refresh_token"]), 401, "refresh_token_refused")
    assert len(sessions_of(account)) == 1


def test_every_other_session_is_ended_at_once(account: Account) -> None:
    others = [account.log_in().json() for _ in range(2)]
    assert account.http.delete("/me/sessions", headers=account.headers).status_code == 204
    assert account.me().status_code == 200
    for other in others:
        assert_problem(account.http.get("/me", headers=bearer(other)), 401, "session_ended")


def test_a_session_ends_after_its_longest_life_however_often_it_is_used(account: Account) -> None:
    api, token = account.api, account.tokens["refresh_token"]
    for days in range(25, MAX_LIFE.days, 25):
        api.clock.ahead = timedelta(days=days)
        token = account.refresh(token).json()["refresh_token"]
    with api.sessions.begin() as session:
        ends = session.scalars(select(RefreshToken.expires_at).where(RefreshToken.profile_id == account.id)).all()
        latest = session.scalars(select(LoginSession.expires_at).where(LoginSession.profile_id == account.id)).one()
    assert max(ends) == latest
    api.clock.ahead = MAX_LIFE
    assert_problem(account.refresh(token), 401, "refresh_token_refused")
    api.clock.ahead = timedelta()


def test_too_many_sessions_end_the_one_that_was_used_the_longest_ago(account: Account) -> None:
    # The limit on attempts is a minute's.
    for number in range(MAX_OPEN):
        account.api.clock.ahead = timedelta(minutes=number)
        assert account.log_in().status_code == 200
    account.api.clock.ahead = timedelta()
    assert_problem(account.me(), 401, "session_ended")


def test_sessions_are_pruned_some_time_after_their_end(account: Account) -> None:
    account.http.post("/auth/logout", json={"refresh_token": account.tokens["refresh_token"]})
    with account.api.sessions.begin() as session:
        wanted = select(LoginSession.id).where(LoginSession.profile_id == account.id)
        assert len(session.scalars(wanted).all()) == 1
        past = timedelta(days=Retention().session_retention_days, seconds=1)
        prune_rows(session, "sessions", account.api.clock() + past, Retention())
        assert session.scalars(wanted).all() == []


@pytest.mark.parametrize("session_id", ["x", "1"])
def test_a_malformed_session_id_is_refused_by_name(account: Account, session_id: str) -> None:
    answer = account.http.delete(f"/me/sessions/{session_id}", headers=account.headers)
    assert assert_problem(answer, 422, "input_invalid")["field"] == "session_id"
