"""Signing in, refreshing, signing out."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.accounts.passwords import NOBODYS_HASH, hash_password
from db.models import AuditEvent, RefreshToken
from tests.integration.accounts.people import PASSWORD, Account
from tests.integration.answers import problem
from tests.integration.orders.shop import Shop, at_once


@pytest.fixture(autouse=True)
def _today(shop: Shop) -> Iterator[None]:  # pyright: ignore[reportUnusedFunction] - pytest uses it
    yield
    shop.clock.ahead = timedelta()


def _tags(account: Account) -> list[str]:
    with account.shop.sessions.begin() as session:
        wanted = select(AuditEvent.tag).where(AuditEvent.subject_id == account.id).order_by(AuditEvent.id)
        return list(session.scalars(wanted))


def test_login_answers_a_pair_of_tokens(account: Account) -> None:
    assert account.tokens["token_type"] == "bearer"
    assert account.tokens["expires_in"] == 900
    assert account.me().json()["email"] == account.email


def test_a_wrong_password_and_an_unknown_address_are_refused_alike(account: Account) -> None:
    wrong = account.log_in("not the password")
    unknown = account.http.post("/auth/login", json={"email": "unknown@aula.example", "password": PASSWORD})
    problem(wrong, 401, "login_refused")
    assert unknown.content == wrong.content
    assert (unknown.status_code, unknown.headers.keys()) == (wrong.status_code, wrong.headers.keys())


def test_an_unknown_address_costs_the_same_work() -> None:
    # Everything before the salt: algorithm, version, memory, passes and lanes.
    assert hash_password(PASSWORD).rsplit("$", 2)[0] == NOBODYS_HASH.rsplit("$", 2)[0]


def test_the_address_is_compared_in_lower_case(account: Account) -> None:
    body = {"email": account.email.upper(), "password": PASSWORD}
    assert account.http.post("/auth/login", json=body).status_code == 200


def test_only_hashes_of_refresh_tokens_are_kept(account: Account) -> None:
    with account.shop.sessions.begin() as session:
        kept = session.scalars(select(RefreshToken).where(RefreshToken.profile_id == account.id)).one()
    assert account.tokens["refresh_token"].encode() not in kept.token_hash
    assert len(kept.token_hash) == 32


def test_a_refresh_token_is_exchanged_for_a_new_pair(account: Account) -> None:
    fresh = account.refresh().json()
    assert fresh["refresh_token"] != account.tokens["refresh_token"]
    account.tokens = fresh
    assert account.me().status_code == 200
    assert account.refresh().status_code == 200


def test_two_tabs_that_race_lose_nothing(account: Account) -> None:
    answers = at_once(*[account.refresh] * 5)
    won = [answer for answer in answers if answer.status_code == 200]
    assert len(won) == 1
    for answer in answers:
        if answer not in won:
            problem(answer, 409, "refresh_token_raced")
    assert account.refresh(won[0].json()["refresh_token"]).status_code == 200


def test_a_token_that_comes_again_later_closes_the_session(account: Account) -> None:
    fresh = account.refresh().json()["refresh_token"]
    account.shop.clock.ahead = timedelta(seconds=11)
    problem(account.refresh(), 401, "refresh_token_refused")
    problem(account.refresh(fresh), 401, "refresh_token_refused")
    assert _tags(account)[-1] == "accounts:profile:token_reused"


def test_reuse_closes_its_own_session_alone(account: Account) -> None:
    other = account.log_in().json()["refresh_token"]
    account.refresh()
    account.shop.clock.ahead = timedelta(seconds=11)
    problem(account.refresh(), 401, "refresh_token_refused")
    assert account.refresh(other).status_code == 200


def test_reuse_while_the_newest_is_exchanged_leaves_no_living_token(account: Account) -> None:
    stolen = account.tokens["refresh_token"]
    newest = account.refresh().json()["refresh_token"]
    account.shop.clock.ahead = timedelta(seconds=11)
    reused, exchanged = at_once(lambda: account.refresh(stolen), lambda: account.refresh(newest))
    problem(reused, 401, "refresh_token_refused")
    if exchanged.status_code == 200:
        problem(account.refresh(exchanged.json()["refresh_token"]), 401, "refresh_token_refused")


@pytest.mark.parametrize("token", ["", "unknown", "å" * 50])
def test_an_unknown_token_is_refused(account: Account, token: str) -> None:
    problem(account.http.post("/auth/refresh", json={"refresh_token": token}), 401, "refresh_token_refused")


def test_a_refresh_token_expires(account: Account) -> None:
    account.shop.clock.ahead = timedelta(days=30, seconds=1)
    problem(account.refresh(), 401, "refresh_token_refused")


def test_an_access_token_expires(account: Account) -> None:
    account.shop.clock.ahead = timedelta(seconds=901)
    told = account.me()
    assert "expired" in problem(told, 401, "unauthorized")["detail"]
    assert told.headers["www-authenticate"] == "Bearer"


def test_signing_out_closes_the_session_and_may_be_repeated(account: Account) -> None:
    body = {"refresh_token": account.tokens["refresh_token"]}
    for _ in range(2):
        assert account.http.post("/auth/logout", json=body).status_code == 204
    problem(account.refresh(), 401, "refresh_token_refused")
    assert _tags(account).count("accounts:profile:logged_out") == 1


def test_signing_out_closes_what_came_of_the_token_too(account: Account) -> None:
    fresh = account.refresh().json()["refresh_token"]
    account.http.post("/auth/logout", json={"refresh_token": account.tokens["refresh_token"]})
    problem(account.refresh(fresh), 401, "refresh_token_refused")
