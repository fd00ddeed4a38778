"""A sign-in with a second factor: the right password alone is not enough, and a code counts once."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update
from structlog.testing import capture_logs

from core.accounts import totp
from core.accounts.limits import CODES_TOLD_AFTER
from core.settings import Settings
from db.models import LoginSession, MailMessage, Profile
from tests.support.accounts import PASSWORD, link_token
from tests.support.api_harness import ApiHarness, open_api
from tests.support.concurrency import run_concurrently
from tests.support.problems import assert_invalid, assert_problem
from tests.support.second_factor import Owner, register_owner

_ALLOWED = 4


@pytest.fixture
def owner(api: ApiHarness) -> Owner:
    return register_owner(api)


def mails(owner: Owner, template: str) -> list[dict[str, str]]:
    wanted = (MailMessage.profile_id == owner.account.id) & (MailMessage.template == template)
    with owner.account.api.sessions.begin() as session:
        return list(session.scalars(select(MailMessage.params).where(wanted)))


def levels(owner: Owner) -> list[str]:
    """The levels of the account's sessions, the newest first."""
    wanted = select(LoginSession.aal).where(LoginSession.profile_id == owner.account.id)
    with owner.account.api.sessions.begin() as session:
        return list(session.scalars(wanted.order_by(LoginSession.id.desc())))


def test_the_password_alone_is_not_enough(owner: Owner) -> None:
    answer = owner.log_in()
    assert_problem(answer, 401, "second_factor_required")
    assert levels(owner) == ["aal2"]


def test_a_wrong_password_is_answered_as_without_a_second_factor(owner: Owner) -> None:
    code = owner.next_code()
    for given in (None, code, "000000"):
        assert_problem(owner.log_in(given, "not the password"), 401, "login_refused")
    assert owner.log_in(code).status_code == 200


def test_a_code_signs_in_and_the_session_keeps_its_level(owner: Owner) -> None:
    account = owner.account
    account.tokens = owner.log_in(owner.next_code()).json()
    assert account.me().status_code == 200
    account.tokens = account.refresh().json()
    sessions = account.http.get("/me/sessions", headers=account.headers).json()["items"]
    assert [one["aal"] for one in sessions if one["current"]] == ["aal2"]


def test_a_wrong_code_signs_nobody_in(owner: Owner) -> None:
    for code in ("000000", "12345", "1234567", "x", owner.code(5)):
        assert_invalid_code(owner, code)
    assert levels(owner) == ["aal2"]


def assert_invalid_code(owner: Owner, code: str) -> None:
    assert assert_problem(owner.log_in(code), 403, "invalid_code")["field"] == "code"


def test_a_code_counts_once(owner: Owner) -> None:
    code = owner.next_code()
    assert owner.log_in(code).status_code == 200
    assert_invalid_code(owner, code)
    # An earlier one, which was not used, neither.
    assert_invalid_code(owner, owner.code(-1))


def test_the_code_of_the_confirmation_does_not_sign_in(api: ApiHarness) -> None:
    owner = register_owner(api)
    assert_invalid_code(owner, owner.code())


def test_the_same_code_twice_at_once_signs_in_once(owner: Owner) -> None:
    code = owner.next_code()
    answers = run_concurrently(*[lambda: owner.log_in(code)] * 4)
    assert sorted(answer.status_code for answer in answers) == [200, 403, 403, 403]
    assert levels(owner) == ["aal2", "aal2"]


@pytest.mark.parametrize(("steps", "status"), [(-2, 403), (-1, 200), (0, 200), (1, 200), (2, 403)])
def test_a_clock_may_be_off_by_one_step(owner: Owner, steps: int, status: int) -> None:
    owner.account.api.clock.ahead += timedelta(seconds=4 * totp.STEP_SECONDS)
    # The middle of a step, so that none ends between the code and its check.
    second = owner.account.api.clock().timestamp() % totp.STEP_SECONDS
    owner.account.api.clock.ahead += timedelta(seconds=totp.STEP_SECONDS * 1.5 - second)
    assert owner.log_in(owner.code(steps)).status_code == status


def test_a_recovery_code_signs_in_once_and_its_owner_is_told(owner: Owner) -> None:
    code = owner.recovery_codes[3]
    assert owner.log_in(code).status_code == 200
    assert_invalid_code(owner, code)
    assert mails(owner, "recovery_code_used") == [{"left": "9"}]
    assert levels(owner)[0] == "aal2"


def test_a_recovery_code_is_taken_as_people_type_it(owner: Owner) -> None:
    assert owner.log_in(owner.recovery_codes[0].upper().replace("-", " ")).status_code == 200
    assert owner.log_in(owner.recovery_codes[1].replace("-", "")).status_code == 200


def test_the_same_recovery_code_twice_at_once_signs_in_once(owner: Owner) -> None:
    answers = run_concurrently(*[lambda: owner.log_in(owner.recovery_codes[0])] * 4)
    assert sorted(answer.status_code for answer in answers) == [200, 403, 403, 403]
    assert mails(owner, "recovery_code_used") == [{"left": "9"}]


def test_a_recovery_code_of_another_account_does_not_sign_in(api: ApiHarness, owner: Owner) -> None:
    assert_invalid_code(owner, register_owner(api).recovery_codes[0])


def test_a_code_that_is_too_long_is_refused_by_its_length(owner: Owner) -> None:
    assert_invalid(owner.log_in("1" * 61), "code")


def test_a_new_password_by_a_link_leaves_the_second_factor_on(owner: Owner) -> None:
    account = owner.account
    account.http.post("/auth/password/forgot", json={"email": account.email})
    token = link_token(account.api, account.email, "reset_password")
    new = f"{PASSWORD} again"
    answer = account.http.post("/auth/password/reset", json={"token": token, "password": new})
    assert answer.status_code == 204, answer.text
    assert_problem(owner.log_in(password=new), 401, "second_factor_required")
    assert owner.log_in(owner.next_code(), new).status_code == 200


def test_an_unproven_address_is_answered_before_the_second_factor(owner: Owner) -> None:
    with owner.account.api.sessions.begin() as session:
        session.execute(update(Profile).where(Profile.id == owner.account.id).values(email_proven_at=None))
    assert_problem(owner.log_in(), 403, "email_unproven")


def test_a_code_without_a_second_factor_is_ignored(api: ApiHarness) -> None:
    owner = register_owner(api)
    body = {"password": PASSWORD, "code": owner.next_code()}
    owner.account.http.request("DELETE", "/me/totp", json=body, headers=owner.account.headers)
    assert owner.log_in("123456").status_code == 200
    assert levels(owner)[0] == "aal1"


def test_wrong_codes_are_logged_and_told_once_a_day(owner: Owner) -> None:
    with capture_logs() as lines:
        for _ in range(CODES_TOLD_AFTER + 2):
            assert_invalid_code(owner, "000000")
    logged = [line for line in lines if line["event"] == "login code refused"]
    assert {line["profile"] for line in logged} == {str(owner.account.id)}
    assert len(logged) == CODES_TOLD_AFTER + 2
    assert mails(owner, "codes_refused") == [{}]


def test_a_changed_key_is_taken_over_at_the_sign_in(api: ApiHarness, database_url: str) -> None:
    old, new = api.settings.totp_keys[0], "key-of-a-test-" * 3
    owner, other = register_owner(api), register_owner(api)

    def status(key: str, email: str, code: str) -> int:
        with open_api(Settings(env="test", database_url=database_url, totp_key=SecretStr(key)), api.clock) as changed:
            body = {"email": email, "password": PASSWORD, "code": code}
            return changed.visitor().post("/auth/login", json=body).status_code

    assert status(f"{new}, {old}", owner.account.email, owner.next_code()) == 200
    assert status(new, owner.account.email, owner.next_code()) == 200
    # The other has not signed in with both keys; a recovery code needs none.
    assert status(new, other.account.email, other.code()) == 500
    assert status(new, other.account.email, other.recovery_codes[0]) == 200


@pytest.fixture(scope="module")
def limited_api(database_url: str) -> Iterator[ApiHarness]:
    with open_api(Settings(env="test", database_url=database_url, rate_limit_attempts=_ALLOWED)) as api:
        yield api


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every request comes from the network that stands here alone."""
    current = ["192.0.2.1"]

    def network(_host: str) -> str:
        return current[0]

    monkeypatch.setattr("api.client.network_of", network)
    return current


def test_a_thief_with_the_password_is_stopped_and_the_owner_is_not(
    limited_api: ApiHarness, networks: list[str]
) -> None:
    owner = register_owner(limited_api)
    codes: list[int] = []
    for number in range(_ALLOWED + 2):
        networks[0] = f"198.51.100.{number}"
        codes.append(owner.log_in("000000").status_code)
    assert codes == [403] * _ALLOWED + [429] * 2
    # A right code, too, is not checked any more in a network that is new.
    code = owner.next_code()
    networks[0] = "203.0.113.1"
    assert_problem(owner.log_in(code), 429, "too_many_requests")
    networks[0] = "192.0.2.1"
    assert owner.log_in(code).status_code == 200


def test_a_patient_thief_is_stopped_for_the_day(limited_api: ApiHarness, networks: list[str]) -> None:
    limited_api.clock.ahead += timedelta(days=1)
    now = limited_api.clock()
    limited_api.clock.ahead += timedelta(hours=23 - now.hour, minutes=61 - now.minute)
    owner = register_owner(limited_api)
    codes: list[int] = []
    for hour in range(4):
        for number in range(_ALLOWED):
            networks[0] = f"198.51.{hour}.{number}"
            codes.append(owner.log_in("000000").status_code)
        limited_api.clock.ahead += timedelta(hours=1)
    assert codes == [403] * (3 * _ALLOWED) + [429] * _ALLOWED
