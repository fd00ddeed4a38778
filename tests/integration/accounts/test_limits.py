"""How often one may try."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from core.settings import Settings
from tests.integration.answers import problem
from tests.integration.orders.shop import Shop, at_once, open_shop

_ALLOWED = 5


@pytest.fixture(scope="module")
def strict_shop(database_url: str) -> Iterator[Shop]:
    with open_shop(Settings(env="test", database_url=database_url, rate_limit_attempts=_ALLOWED)) as shop:
        yield shop


@pytest.fixture
def visitor(strict_shop: Shop) -> httpx.Client:
    """At the beginning of a minute that no test before has counted in."""
    clock = strict_shop.clock
    clock.ahead += timedelta(minutes=2)
    clock.ahead -= timedelta(seconds=clock().second)
    return strict_shop.visitor()


def _log_in(visitor: httpx.Client, email: str | None = None) -> httpx.Response:
    email = email or f"{uuid4().hex}@aula.example"
    return visitor.post("/auth/login", json={"email": email, "password": "not the password"})


def test_attempts_from_one_address_are_counted(visitor: httpx.Client) -> None:
    for _ in range(_ALLOWED):
        problem(_log_in(visitor), 401, "login_refused")
    answer = _log_in(visitor)
    problem(answer, 429, "too_many_requests")
    assert 1 <= int(answer.headers["retry-after"]) <= 60


def test_the_next_minute_one_may_try_again(strict_shop: Shop, visitor: httpx.Client) -> None:
    answers = [_log_in(visitor) for _ in range(_ALLOWED + 1)]
    strict_shop.clock.ahead += timedelta(seconds=int(answers[-1].headers["retry-after"]))
    problem(_log_in(visitor), 401, "login_refused")


def test_registrations_are_counted_on_their_own(visitor: httpx.Client) -> None:
    answers = [_log_in(visitor) for _ in range(_ALLOWED + 1)]
    problem(answers[-1], 429, "too_many_requests")
    for number in range(_ALLOWED + 1):
        body = {"email": f"{uuid4().hex}@aula.example", "password": "correct horse", "display_name": "New"}
        answer = visitor.post("/auth/register", json=body)
        assert answer.status_code == (202 if number < _ALLOWED else 429)


def test_attempts_on_one_account_are_counted_from_wherever_they_come(
    strict_shop: Shop, visitor: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = iter(f"2001:db8:{number:x}::1" for number in range(100))

    def another(_host: str) -> str:
        return next(addresses)

    monkeypatch.setattr("api.limits.network_of", another)
    email = f"{uuid4().hex}@aula.example"
    codes = [_log_in(visitor, email).status_code for _ in range(_ALLOWED + 1)]
    assert codes == [401] * _ALLOWED + [429]
    assert _log_in(strict_shop.visitor()).status_code == 401


def test_attempts_at_once_are_all_counted(visitor: httpx.Client) -> None:
    answers = at_once(*[lambda: _log_in(visitor)] * 12)
    assert sorted(answer.status_code for answer in answers) == [401] * _ALLOWED + [429] * 7
