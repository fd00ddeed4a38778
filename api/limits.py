"""Limits on attempts, for endpoints where a password or token could be guessed."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session, sessionmaker

from api.client import ClientDep
from api.deps import ClockDep, SessionsDep, SettingsDep
from core.accounts.limits import Limit, account_limit, code_limits, hit, is_known, limits_of
from core.clock import Clock


@dataclass(frozen=True, slots=True)
class AttemptLimiter:
    """Counts attempts by the client's network and by their target, such as an e-mail address."""

    sessions: sessionmaker[Session]
    clock: Clock
    allowed: int
    network: str

    def __call__(self, what: str, target: str) -> None:
        """Count one attempt, each limit in a transaction of its own. Raises TooManyRequests.

        A network that is refused is not counted further: a stranger cannot use up the attempts of a target's owner.
        """
        for limit in limits_of(what, self.network, target, self.allowed):
            self._count(limit)

    def sign_in(self, email: str) -> None:
        """Count a sign-in. Networks that are new to an account share a limit; the owner's own are not refused by it."""
        self("login", email)
        self._count_unless_known(email, account_limit("login", email, self.allowed))

    def code(self, email: str) -> None:
        """Count a code of a second factor, as a sign-in is counted, with a tighter limit for networks that are new."""
        self("code", email)
        self._count_unless_known(email, *code_limits(email, self.allowed))

    def _count_unless_known(self, email: str, *limits: Limit) -> None:
        with self.sessions.begin() as session:
            known = is_known(session, email, self.network, self.clock())
        for limit in () if known else limits:
            self._count(limit)

    def _count(self, limit: Limit) -> None:
        with self.sessions.begin() as session:
            refusal = hit(session, limit, self.clock())
        if refusal:
            raise refusal


def get_attempt_limiter(
    client: ClientDep, sessions: SessionsDep, clock: ClockDep, settings: SettingsDep
) -> AttemptLimiter:
    """Counts the attempts of this request's client."""
    return AttemptLimiter(sessions, clock, settings.rate_limit_attempts, client.network)


AttemptLimit = Annotated[AttemptLimiter, Depends(get_attempt_limiter)]
