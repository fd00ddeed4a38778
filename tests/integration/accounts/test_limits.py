"""Rate limits of registration, login and gifts."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from core.accounts.limits import TOLD_AFTER
from core.settings import Settings
from db.models import Course, MailMessage
from tests.support.accounts import register_account
from tests.support.api_harness import ApiHarness, open_api
from tests.support.concurrency import run_concurrently
from tests.support.problems import assert_problem

_ALLOWED = 5


@pytest.fixture(scope="module")
def limited_api(database_url: str) -> Iterator[ApiHarness]:
    with open_api(Settings(env="test", database_url=database_url, rate_limit_attempts=_ALLOWED)) as api:
        yield api


@pytest.fixture
def visitor(limited_api: ApiHarness) -> httpx.Client:
    """A client at the start of a minute in which no earlier test made a request."""
    clock = limited_api.clock
    clock.ahead += timedelta(minutes=2)
    clock.ahead -= timedelta(seconds=clock().second)
    return limited_api.visitor()


def _log_in(visitor: httpx.Client, email: str | None = None) -> httpx.Response:
    email = email or f"{uuid4().hex}@aula.example"
    return visitor.post("/auth/login", json={"email": email, "password": "not the password"})


def test_attempts_are_limited_by_address(visitor: httpx.Client) -> None:
    for _ in range(_ALLOWED):
        assert_problem(_log_in(visitor), 401, "login_refused")
    answer = _log_in(visitor)
    assert_problem(answer, 429, "too_many_requests")
    assert 1 <= int(answer.headers["retry-after"]) <= 60


def test_attempts_are_allowed_again_in_the_next_minute(limited_api: ApiHarness, visitor: httpx.Client) -> None:
    answers = [_log_in(visitor) for _ in range(_ALLOWED + 1)]
    limited_api.clock.ahead += timedelta(seconds=int(answers[-1].headers["retry-after"]))
    assert_problem(_log_in(visitor), 401, "login_refused")


def test_registrations_and_logins_have_separate_limits(visitor: httpx.Client) -> None:
    answers = [_log_in(visitor) for _ in range(_ALLOWED + 1)]
    assert_problem(answers[-1], 429, "too_many_requests")
    for number in range(_ALLOWED + 1):
        body = {"email": f"{uuid4().hex}@aula.example", "password": "correct horse", "display_name": "New"}
        answer = visitor.post("/auth/register", json=body)
        assert answer.status_code == (202 if number < _ALLOWED else 429)


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every request comes from the network that stands here alone."""
    current = ["192.0.2.1"]

    def network(_host: str) -> str:
        return current[0]

    monkeypatch.setattr("api.client.network_of", network)
    return current


def test_strangers_share_a_limit_that_the_owner_does_not_reach(limited_api: ApiHarness, networks: list[str]) -> None:
    limited_api.clock.ahead += timedelta(hours=2)
    owner = register_account(limited_api)
    visitor = limited_api.visitor()
    codes: list[int] = []
    # The owner's first sign-in came from a network that was unknown, too.
    for number in range(10 * _ALLOWED):
        networks[0] = f"198.51.100.{number}"
        codes.append(_log_in(visitor, owner.email).status_code)
    assert codes == [401] * (10 * _ALLOWED - 1) + [429]
    networks[0] = "203.0.113.1"
    assert_problem(owner.log_in(), 429, "too_many_requests")
    networks[0] = "192.0.2.1"
    assert owner.log_in().status_code == 200


def test_a_patient_guesser_reaches_the_limit_of_an_hour(limited_api: ApiHarness, visitor: httpx.Client) -> None:
    limited_api.clock.ahead += timedelta(hours=2)
    limited_api.clock.ahead -= timedelta(minutes=limited_api.clock().minute)
    email = f"{uuid4().hex}@aula.example"
    codes: list[int] = []
    for _ in range(5):
        codes += [_log_in(visitor, email).status_code for _ in range(_ALLOWED)]
        limited_api.clock.ahead += timedelta(minutes=1)
    assert codes == [401] * (4 * _ALLOWED) + [429] * _ALLOWED


def test_the_owner_is_told_once_of_many_refused_sign_ins(limited_api: ApiHarness, networks: list[str]) -> None:
    limited_api.clock.ahead += timedelta(days=1)
    owner = register_account(limited_api)
    for number in range(TOLD_AFTER + 3):
        networks[0] = f"198.51.100.{number}"
        _log_in(owner.http, owner.email)
    with limited_api.sessions.begin() as session:
        told = (MailMessage.profile_id == owner.id) & (MailMessage.template == "sign_ins_refused")
        assert len(session.scalars(select(MailMessage.id).where(told)).all()) == 1


def test_a_refused_address_does_not_use_up_the_attempts_of_an_account(
    visitor: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = f"{uuid4().hex}@aula.example"
    for _ in range(_ALLOWED):
        _log_in(visitor)
    assert [_log_in(visitor, email).status_code for _ in range(3 * _ALLOWED)] == [429] * (3 * _ALLOWED)

    def address_of_the_owner(_host: str) -> str:
        return "2001:db8:ffff::1"

    monkeypatch.setattr("api.client.network_of", address_of_the_owner)
    assert_problem(_log_in(visitor, email), 401, "login_refused")


def test_concurrent_attempts_are_all_counted(visitor: httpx.Client) -> None:
    answers = run_concurrently(*[lambda: _log_in(visitor)] * 12)
    assert sorted(answer.status_code for answer in answers) == [401] * _ALLOWED + [429] * 7


@pytest.mark.usefixtures("visitor")
def test_gifts_are_limited_by_teacher(limited_api: ApiHarness) -> None:
    teacher = limited_api.user("teacher")
    course = limited_api.add(Course(teacher_id=teacher.id, title="Oils", price_amount=300, currency="SEK"))
    for number in range(_ALLOWED + 1):
        answer = teacher.http.post(f"/courses/{course.id}/gifts", json={"email": f"{number}@aula.example"})
        assert answer.status_code == (202 if number < _ALLOWED else 429)
    assert len(teacher.http.get(f"/courses/{course.id}/gifts").json()["items"]) == _ALLOWED
