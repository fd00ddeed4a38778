"""What the links in emails do, for the endpoints of the API and for the pages of the site."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session, sessionmaker

from api.deps import ClockDep, SessionsDep, SettingsDep
from api.limits import AttemptLimit, AttemptLimiter
from core.accounts.email_change import confirm
from core.accounts.password_change import email_of_reset, reset
from core.accounts.password_rules import check
from core.accounts.passwords import hash_password
from core.accounts.profile import confirm_password
from core.accounts.register import account_of_proof, prove
from core.clock import Clock


@dataclass(frozen=True, slots=True)
class EmailLinks:
    """Redeems the tokens of links. No database connection is held while a password is hashed."""

    sessions: sessionmaker[Session]
    secret: str
    clock: Clock
    limit: AttemptLimiter

    def prove_email(self, token: str, password: str) -> None:
        """Prove the address of an account. Raises TokenRefused, PasswordWrong, TooManyRequests, SignInBusy."""
        self.limit("verify", token)
        with self.sessions.begin() as session:
            account = account_of_proof(session, self.secret, token, self.clock())
        confirm_password(account, password)
        with self.sessions.begin() as session:
            prove(session, self.secret, token, self.clock())

    def reset_password(self, token: str, password: str) -> None:
        """Set a new password. Raises TokenRefused, PasswordWeak, TooManyRequests, SignInBusy."""
        self.limit("password/reset", token)
        with self.sessions.begin() as session:
            email = email_of_reset(session, self.secret, token, self.clock())
        check(password, email)
        hashed = hash_password(password)
        with self.sessions.begin() as session:
            reset(session, self.secret, token, hashed, self.clock())

    def confirm_email(self, token: str) -> None:
        """Switch to a new address. Raises TokenRefused, EmailTaken, TooManyRequests."""
        self.limit("email/confirm", token)
        with self.sessions.begin() as session:
            confirm(session, self.secret, token, self.clock())


def _email_links(sessions: SessionsDep, settings: SettingsDep, clock: ClockDep, limit: AttemptLimit) -> EmailLinks:
    return EmailLinks(sessions, settings.jwt_secret.get_secret_value(), clock, limit)


EmailLinksDep = Annotated[EmailLinks, Depends(_email_links)]
