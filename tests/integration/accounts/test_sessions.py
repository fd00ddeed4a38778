"""Login, refresh and logout."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from core.accounts import passwords
from db.models import AuditEvent, RefreshToken
from tests.support.accounts import PASSWORD, Account
from tests.support.api_harness import ApiHarness
from tests.support.concurrency import run_concurrently
from tests.support.problems import assert_problem
from tests.support.waiting import wait_until


@pytest.fixture(autouse=True)
def _reset_clock(api: ApiHarness) -> Iterator[None]:  # pyright: ignore[reportUnusedFunction] - pytest uses it
    yield
    api.clock.ahead = timedelta()


def _tags(account: Account) -> list[str]:
    with account.api.sessions.begin() as session:
        wanted = select(AuditEvent.tag).where(AuditEvent.subject_id == account.id).order_by(AuditEvent.id)
        return list(session.scalars(wanted))


def test_login_returns_a_token_pair(account: Account) -> None:
    assert account.tokens["token_type"] == "bearer"
    assert account.tokens["expires_in"] == 900
    assert account.me().json()["email"] == account.email


def test_a_wrong_password_and_an_unknown_address_get_the_same_response(account: Account) -> None:
    wrong = account.log_in("not the password")
    unknown = account.http.post("/auth/login", json={"email": "unknown@aula.example", "password": PASSWORD})
    assert_problem(wrong, 401, "login_refused")
    assert unknown.content == wrong.content
    assert (unknown.status_code, unknown.headers.keys()) == (wrong.status_code, wrong.headers.keys())


def test_login_ignores_the_case_of_the_address(account: Account) -> None:
    body = {"email": account.email.upper(), "password": PASSWORD}
    assert account.http.post("/auth/login", json=body).status_code == 200


def test_only_hashes_of_refresh_tokens_are_stored(account: Account) -> None:
    with account.api.sessions.begin() as session:
        kept = session.scalars(select(RefreshToken).where(RefreshToken.profile_id == account.id)).one()
    assert account.tokens["refresh_token"].encode() not in kept.token_hash
    assert len(kept.token_hash) == 32


def test_a_refresh_token_is_exchanged_for_a_new_pair(account: Account) -> None:
    fresh = account.refresh().json()
    assert fresh["refresh_token"] != account.tokens["refresh_token"]
    account.tokens = fresh
    assert account.me().status_code == 200
    assert account.refresh().status_code == 200


def test_two_tabs_may_exchange_one_refresh_token(account: Account) -> None:
    answers = run_concurrently(*[account.refresh] * 5)
    won = [answer for answer in answers if answer.status_code == 200]
    assert len(won) == 1
    for answer in answers:
        if answer not in won:
            assert_problem(answer, 409, "refresh_token_raced")
    assert account.refresh(won[0].json()["refresh_token"]).status_code == 200


def test_a_refresh_token_reused_later_closes_its_session(account: Account) -> None:
    fresh = account.refresh().json()["refresh_token"]
    account.api.clock.ahead = timedelta(seconds=11)
    assert_problem(account.refresh(), 401, "refresh_token_refused")
    assert_problem(account.refresh(fresh), 401, "refresh_token_refused")
    assert _tags(account)[-1] == "accounts:profile:token_reused"


def test_reuse_leaves_other_sessions_open(account: Account) -> None:
    other = account.log_in().json()["refresh_token"]
    account.refresh()
    account.api.clock.ahead = timedelta(seconds=11)
    assert_problem(account.refresh(), 401, "refresh_token_refused")
    assert account.refresh(other).status_code == 200


def test_reuse_during_an_exchange_leaves_no_valid_token(account: Account) -> None:
    stolen = account.tokens["refresh_token"]
    newest = account.refresh().json()["refresh_token"]
    account.api.clock.ahead = timedelta(seconds=11)
    reused, exchanged = run_concurrently(lambda: account.refresh(stolen), lambda: account.refresh(newest))
    assert_problem(reused, 401, "refresh_token_refused")
    if exchanged.status_code == 200:
        assert_problem(account.refresh(exchanged.json()["refresh_token"]), 401, "refresh_token_refused")


@pytest.mark.parametrize("token", ["", "unknown", "å" * 50])
def test_an_unknown_refresh_token_is_refused(account: Account, token: str) -> None:
    assert_problem(account.http.post("/auth/refresh", json={"refresh_token": token}), 401, "refresh_token_refused")


def test_a_refresh_token_expires(account: Account) -> None:
    account.api.clock.ahead = timedelta(days=30, seconds=1)
    assert_problem(account.refresh(), 401, "refresh_token_refused")


def test_an_access_token_expires(account: Account) -> None:
    account.api.clock.ahead = timedelta(seconds=901)
    answer = account.me()
    assert "expired" in assert_problem(answer, 401, "unauthorized")["detail"]
    assert answer.headers["www-authenticate"] == "Bearer"


def test_logout_closes_the_session_and_can_be_repeated(account: Account) -> None:
    body = {"refresh_token": account.tokens["refresh_token"]}
    for _ in range(2):
        assert account.http.post("/auth/logout", json=body).status_code == 204
    assert_problem(account.refresh(), 401, "refresh_token_refused")
    assert _tags(account).count("accounts:profile:logged_out") == 1


def test_logout_revokes_the_tokens_exchanged_for_it_too(account: Account) -> None:
    fresh = account.refresh().json()["refresh_token"]
    account.http.post("/auth/logout", json={"refresh_token": account.tokens["refresh_token"]})
    assert_problem(account.refresh(fresh), 401, "refresh_token_refused")


def test_many_logins_at_once_leave_threads_for_others(api: ApiHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every check waits until the catalogue was answered; what finds no place is refused at once."""
    answered = Event()

    def verify(_hash: str, _password: str) -> bool:
        assert answered.wait(30)
        return True

    monkeypatch.setattr(passwords, "_hasher", SimpleNamespace(verify=verify))
    visitor = api.visitor()
    with ThreadPoolExecutor(60) as pool:
        body = {"email": "someone@aula.example", "password": "correct horse"}
        logins = [pool.submit(visitor.post, "/auth/login", json=body) for _ in range(60)]
        wait_until(lambda: sum(login.done() for login in logins) == 48, "all but those with a place are refused")
        assert visitor.get("/courses").status_code == 200
        answered.set()
        answers = [login.result() for login in logins]
    refused = [answer for answer in answers if answer.status_code == 503]
    assert len(refused) == 48
    for answer in refused:
        assert_problem(answer, 503, "sign_in_busy")
        assert int(answer.headers["retry-after"]) > 0
    assert {answer.status_code for answer in answers} == {401, 503}
