"""A second factor is started with the password, confirmed by a code, and turned off by both."""

from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import httpx
import pytest
from orjson import loads
from sqlalchemy import func, select, update

from core.accounts.second_factor import START_LIFE
from core.maintenance.prune import prune_rows
from core.retention import Retention
from db.models import AuditEvent, Job, LoginSession, MailMessage, Profile, RecoveryCode, TotpFactor
from tests.support.accounts import PASSWORD, Account, register_account
from tests.support.api_harness import ApiHarness
from tests.support.concurrency import run_concurrently
from tests.support.problems import assert_invalid, assert_problem
from tests.support.second_factor import Owner, confirm_factor, register_owner, start_factor, turn_on

WRONG = "not the password"


@pytest.fixture
def owner(api: ApiHarness) -> Owner:
    return register_owner(api)


def state(account: Account) -> dict[str, Any]:
    answer = account.http.get("/me/totp", headers=account.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def turn_off(owner: Owner, code: str, password: str = PASSWORD) -> httpx.Response:
    body = {"password": password, "code": code}
    return owner.account.http.request("DELETE", "/me/totp", json=body, headers=owner.account.headers)


def renew(owner: Owner, code: str, password: str = PASSWORD) -> httpx.Response:
    body = {"password": password, "code": code}
    return owner.account.http.post("/me/totp/recovery-codes", json=body, headers=owner.account.headers)


def claims(account: Account) -> dict[str, Any]:
    part = account.tokens["access_token"].split(".")[1]
    return loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def tags(api: ApiHarness, profile_id: UUID) -> list[str]:
    """What the audit log says of the account and the second factor."""
    wanted = (AuditEvent.subject_id == profile_id) & AuditEvent.tag.regexp_match("factor|recovery")
    with api.sessions.begin() as session:
        found = session.scalars(select(AuditEvent.tag).where(wanted).order_by(AuditEvent.id))
        return [tag.removeprefix("accounts:profile:") for tag in found]


def mails(api: ApiHarness, profile_id: UUID) -> list[str]:
    wanted = (MailMessage.profile_id == profile_id) & (MailMessage.template != "prove_email")
    with api.sessions.begin() as session:
        return list(session.scalars(select(MailMessage.template).where(wanted).order_by(MailMessage.id)))


def test_a_factor_is_off_until_a_code_confirms_it(account: Account) -> None:
    assert state(account) == {"confirmed_at": None, "recovery_codes": 0}
    started = start_factor(account).json()
    assert state(account)["confirmed_at"] is None
    assert account.log_in().status_code == 200
    assert started["uri"] == (
        f"otpauth://totp/Aula:{account.email.replace('@', '%40')}?secret={started['secret']}&issuer=Aula"
    )
    assert "<svg" in unquote(started["qr"].partition(",")[2])
    assert_problem(confirm_factor(account, "000000"), 403, "invalid_code")
    assert mails(account.api, account.id) == []


def test_a_confirmed_factor_has_ten_recovery_codes_and_is_told(owner: Owner) -> None:
    account = owner.account
    assert len(set(owner.recovery_codes)) == 10
    assert {len(code) for code in owner.recovery_codes} == {29}
    assert state(account)["recovery_codes"] == 10
    assert tags(account.api, account.id) == ["second_factor_on"]
    assert mails(account.api, account.id) == ["second_factor_on"]


def test_a_confirmation_lifts_its_session_and_ends_the_others(api: ApiHarness) -> None:
    account = register_account(api)
    other = account.log_in().json()
    turn_on(account)
    assert account.me().status_code == 200
    answer = account.http.get("/me", headers={"Authorization": f"Bearer {other['access_token']}"})
    assert_problem(answer, 401, "session_ended")
    assert claims(account)["aal"] == "aal1"
    account.tokens = account.refresh().json()
    assert claims(account)["aal"] == "aal2"
    (session,) = account.http.get("/me/sessions", headers=account.headers).json()["items"]
    assert session["aal"] == "aal2"


@pytest.mark.parametrize("change", [turn_off, renew])
def test_a_change_needs_the_password_and_a_code(owner: Owner, change: Any) -> None:  # noqa: ANN401 - a function
    assert_problem(change(owner, owner.next_code(), WRONG), 403, "password_wrong")
    assert_problem(change(owner, "000000"), 403, "invalid_code")
    assert_problem(change(owner, "not a recovery code"), 403, "invalid_code")
    # The code of the wrong password was not used up.
    assert change(owner, owner.code()).is_success


def test_a_start_needs_the_password(account: Account) -> None:
    assert_problem(start_factor(account, WRONG), 403, "password_wrong")
    assert_invalid(account.http.post("/me/totp", json={}, headers=account.headers), "password")


def test_a_second_start_replaces_the_secret(account: Account) -> None:
    first = Owner(account, start_factor(account).json()["secret"], ())
    second = Owner(account, start_factor(account).json()["secret"], ())
    assert_problem(confirm_factor(account, first.code()), 403, "invalid_code")
    assert confirm_factor(account, second.code()).status_code == 200


def test_a_confirmed_factor_is_not_started_or_confirmed_again(owner: Owner) -> None:
    assert_problem(start_factor(owner.account), 409, "second_factor_on")
    assert_problem(confirm_factor(owner.account, owner.next_code()), 409, "second_factor_on")


def test_a_start_can_be_confirmed_for_an_hour(account: Account) -> None:
    owner = Owner(account, start_factor(account).json()["secret"], ())
    with account.api.sessions.begin() as session:
        started = account.api.clock() - START_LIFE
        session.execute(update(TotpFactor).where(TotpFactor.profile_id == account.id).values(started_at=started))
    assert_problem(confirm_factor(account, owner.code()), 409, "second_factor_not_started")


def test_only_one_of_two_confirmations_at_once_counts(account: Account) -> None:
    owner = Owner(account, start_factor(account).json()["secret"], ())
    code = owner.code()
    answers = run_concurrently(*[lambda: confirm_factor(account, code)] * 4)
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert state(account)["recovery_codes"] == 10
    assert tags(account.api, account.id) == ["second_factor_on"]


@pytest.mark.parametrize("by_recovery_code", [False, True])
def test_a_factor_is_turned_off(owner: Owner, *, by_recovery_code: bool) -> None:
    account = owner.account
    code = owner.recovery_codes[0] if by_recovery_code else owner.next_code()
    assert turn_off(owner, code).status_code == 204
    assert state(account) == {"confirmed_at": None, "recovery_codes": 0}
    account.tokens = account.refresh().json()
    assert claims(account)["aal"] == "aal1"
    assert account.log_in().status_code == 200
    used = ["recovery_code_used"] if by_recovery_code else []
    assert tags(account.api, account.id) == ["second_factor_on", *used, "second_factor_off"]
    assert mails(account.api, account.id) == ["second_factor_on", *used, "second_factor_off"]
    assert_problem(turn_off(owner, owner.next_code()), 409, "second_factor_missing")


def test_new_recovery_codes_end_the_old_ones(owner: Owner) -> None:
    renewed = renew(owner, owner.recovery_codes[0]).json()["recovery_codes"]
    assert set(renewed).isdisjoint(owner.recovery_codes)
    assert_problem(owner.log_in(owner.recovery_codes[1]), 403, "invalid_code")
    assert owner.log_in(renewed[0]).status_code == 200
    assert state(owner.account)["recovery_codes"] == 9
    assert tags(owner.account.api, owner.account.id) == [
        "second_factor_on",
        "recovery_code_used",
        "recovery_codes_renewed",
        "recovery_code_used",
    ]


def test_the_database_has_neither_the_secret_nor_a_recovery_code(owner: Owner) -> None:
    account = owner.account
    with account.api.sessions.begin() as session:
        factor = session.get_one(TotpFactor, account.id)
        hashes = session.scalars(select(RecoveryCode.code_hash).where(RecoveryCode.profile_id == account.id)).all()
        texts = [
            str(row)
            for column in (Job.payload, MailMessage.params, AuditEvent.data)
            for row in session.scalars(select(column))
        ]
    assert owner.secret.encode() not in factor.secret
    assert {len(one) for one in hashes} == {32}
    secrets = [owner.secret, *owner.recovery_codes]
    assert [text for text in texts if any(secret in text for secret in secrets)] == []


def test_another_accounts_secret_does_not_stand_in_for_ones_own(api: ApiHarness, owner: Owner) -> None:
    thief = register_owner(api)
    with api.sessions.begin() as session:
        secret = session.get_one(TotpFactor, thief.account.id).secret
        session.get_one(TotpFactor, owner.account.id).secret = secret
    answer = owner.log_in(thief.next_code())
    assert_problem(answer, 500, "unexpected")


def test_an_erasure_deletes_the_factor(owner: Owner) -> None:
    account = owner.account
    erased = account.http.request("DELETE", "/me", json={"password": PASSWORD}, headers=account.headers)
    assert erased.status_code == 204, erased.text
    with account.api.sessions.begin() as session:
        assert session.get(TotpFactor, account.id) is None
        left = select(func.count()).where(RecoveryCode.profile_id == account.id)
        assert session.scalar(left) == 0


def test_a_start_without_a_confirmation_is_pruned_after_a_day(api: ApiHarness, owner: Owner) -> None:
    started = register_account(api)
    start_factor(started)
    for past, there in ((timedelta(minutes=-1), True), (timedelta(minutes=1), False)):
        with api.sessions.begin() as session:
            prune_rows(session, "second_factors", api.clock() + timedelta(days=1) + past, Retention())
            assert (session.get(TotpFactor, started.id) is not None) == there
            assert session.get(TotpFactor, owner.account.id) is not None


def test_a_session_keeps_its_level_only_while_the_factor_is_on(owner: Owner) -> None:
    with owner.account.api.sessions.begin() as session:
        levels = select(LoginSession.aal).where(LoginSession.profile_id == owner.account.id)
        assert list(session.scalars(levels)) == ["aal2"]
    turn_off(owner, owner.next_code())
    with owner.account.api.sessions.begin() as session:
        assert list(session.scalars(levels)) == ["aal1"]
        assert session.get_one(Profile, owner.account.id).email == owner.account.email
