"""What the caller does with their second factor. No database connection is held while a password is checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session, sessionmaker

from api.deps import Caller, ClockDep, SessionsDep, SettingsDep
from api.limits import AttemptLimit, AttemptLimiter
from core.accounts import second_factor
from core.accounts.inputs import FactorChange, FactorConfirmation, FactorStart
from core.accounts.profile import confirm_password, profile_of
from core.clock import Clock
from core.identity import Identity


@dataclass(frozen=True, slots=True)
class OwnFactor:
    """The second factor of the caller. Attempts are counted before they are checked."""

    caller: Identity
    sessions: sessionmaker[Session]
    keys: Sequence[str]
    clock: Clock
    limit: AttemptLimiter

    def start(self, given: FactorStart) -> tuple[str, str]:
        """A new secret, and the account's address. Raises PasswordWrong, FactorOn, TooManyRequests, SignInBusy."""
        email = self._confirm_password(given.password.get_secret_value())
        with self.sessions.begin() as session:
            return second_factor.start(session, self.keys, self.caller.profile_id, self.clock()), email

    def confirm(self, given: FactorConfirmation) -> Sequence[str]:
        """Recovery codes. Raises FactorOn, FactorNotStarted, CodeInvalid, TooManyRequests."""
        self.limit("totp/confirm", str(self.caller.profile_id))
        code = given.code.get_secret_value()
        with self.sessions.begin() as session:
            return second_factor.confirm(session, self.keys, self.caller, code, self.clock())

    def turn_off(self, given: FactorChange) -> None:
        """Delete it. Raises PasswordWrong, FactorMissing, CodeInvalid, TooManyRequests, SignInBusy."""
        self.limit.code(self._confirm_password(given.password.get_secret_value()))
        code = given.code.get_secret_value()
        with self.sessions.begin() as session:
            second_factor.turn_off(session, self.keys, self.caller, code, self.clock())

    def renew_codes(self, given: FactorChange) -> Sequence[str]:
        """New recovery codes. Raises PasswordWrong, FactorMissing, CodeInvalid, TooManyRequests, SignInBusy."""
        self.limit.code(self._confirm_password(given.password.get_secret_value()))
        code = given.code.get_secret_value()
        with self.sessions.begin() as session:
            return second_factor.renew_codes(session, self.keys, self.caller, code, self.clock())

    def _confirm_password(self, password: str) -> str:
        """Check the password; returns the account's address."""
        self.limit("totp", str(self.caller.profile_id))
        with self.sessions.begin() as session:
            account = profile_of(session, self.caller.profile_id)
        confirm_password(account, password)
        return account.email


def _own_factor(
    caller: Caller, sessions: SessionsDep, settings: SettingsDep, clock: ClockDep, limit: AttemptLimit
) -> OwnFactor:
    return OwnFactor(caller, sessions, settings.totp_keys, clock, limit)


OwnFactorDep = Annotated[OwnFactor, Depends(_own_factor)]
