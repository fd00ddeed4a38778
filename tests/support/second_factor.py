"""Accounts with a second factor, whose codes are made as an authenticator app makes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import httpx
from pyotp.totp import TOTP
from sqlalchemy import update

from core.accounts.totp import STEP_SECONDS
from core.identity import Role
from db.models import Profile
from tests.support.accounts import PASSWORD, Account, register_account
from tests.support.api_harness import ApiHarness


@dataclass(slots=True)
class Owner:
    """An account with a second factor, its authenticator and its recovery codes."""

    account: Account
    secret: str
    recovery_codes: Sequence[str]

    def code(self, steps: int = 0) -> str:
        """What the authenticator shows now, or shows a number of steps later."""
        return TOTP(self.secret).at(self.account.api.clock() + timedelta(seconds=steps * STEP_SECONDS))

    def next_code(self) -> str:
        """The code of the next step; the clock moves there."""
        self.account.api.clock.ahead += timedelta(seconds=STEP_SECONDS)
        return self.code()

    def log_in(self, code: str | None = None, password: str = PASSWORD) -> httpx.Response:
        body = {"email": self.account.email, "password": password, **({"code": code} if code else {})}
        return self.account.http.post("/auth/login", json=body)


def start_factor(account: Account, password: str = PASSWORD) -> httpx.Response:
    return account.http.post("/me/totp", json={"password": password}, headers=account.headers)


def confirm_factor(account: Account, code: str) -> httpx.Response:
    return account.http.post("/me/totp/confirm", json={"code": code}, headers=account.headers)


def turn_on(account: Account) -> Owner:
    """Turn on a second factor for an account."""
    started = start_factor(account)
    assert started.status_code == 200, started.text
    owner = Owner(account, started.json()["secret"], ())
    confirmed = confirm_factor(account, owner.code())
    assert confirmed.status_code == 200, confirmed.text
    owner.recovery_codes = confirmed.json()["recovery_codes"]
    return owner


def register_owner(api: ApiHarness) -> Owner:
    """A new account with a second factor."""
    return turn_on(register_account(api))


def give_role(account: Account, role: Role) -> None:
    """Change the role in the database, and sign in anew."""
    with account.api.sessions.begin() as session:
        session.execute(update(Profile).where(Profile.id == account.id).values(role=role))
    account.tokens = account.log_in().json()
