"""Log refused logins, by the client's address and the account, without the e-mail address that was typed.

The owner of the account is told when there are many.
"""

import hashlib
import hmac
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Final

import structlog
from fastapi import Depends, Request
from sqlalchemy.orm import Session, sessionmaker

from api.deps import ClockDep, SessionsDep, SettingsDep
from core.accounts.factor_problems import CodeInvalid
from core.accounts.limits import count_refused, count_refused_code
from core.clock import Clock
from db.models import Profile

# Hexadecimal digits: enough to tell typed addresses apart.
_DIGITS: Final = 16

log = structlog.get_logger("accounts")


@dataclass(frozen=True, slots=True)
class RefusedLogins:
    """Logs refused logins from one address. `key` makes hashes that no list of e-mail addresses can undo."""

    address: str
    key: bytes
    sessions: sessionmaker[Session]
    clock: Clock

    def __call__(self, email: str, account: Profile | None) -> None:
        """Log one: with the account, or with a keyed hash of an address that has none."""
        if account:
            log.warning("login refused", address=self.address, profile=str(account.id))
            with self.sessions.begin() as session:
                count_refused(session, account, self.clock())
        else:
            typed = hmac.digest(self.key, b"login:" + email.encode(), hashlib.sha256).hex()[:_DIGITS]
            log.warning("login refused", address=self.address, typed=typed)

    @contextmanager
    def wrong_code_of(self, account: Profile) -> Generator[None]:
        """Log one with the right password, when a wrong code ends the context."""
        try:
            yield
        except CodeInvalid:
            log.warning("login code refused", address=self.address, profile=str(account.id))
            with self.sessions.begin() as session:
                count_refused_code(session, account, self.clock())
            raise


def _refused_logins(request: Request, settings: SettingsDep, sessions: SessionsDep, clock: ClockDep) -> RefusedLogins:
    host = request.client.host if request.client else ""
    return RefusedLogins(host, settings.jwt_secret.get_secret_value().encode(), sessions, clock)


RefusedLoginLog = Annotated[RefusedLogins, Depends(_refused_logins)]
