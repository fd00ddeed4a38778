"""Limits on attempts, for endpoints where a password or token could be guessed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from sqlalchemy.orm import Session, sessionmaker

from api.client import ClientDep
from api.deps import ClockDep, SessionsDep, SettingsDep
from core.accounts.limits import Limit, account_limit, code_limits, hit, is_known, limits_of, person_limit
from core.accounts.passwords import refuse_if_busy
from core.clock import Clock


@dataclass(frozen=True, slots=True)
class AttemptLimiter:
    """Counts attempts by the client's network and by their target, such as an e-mail address."""

    sessions: sessionmaker[Session]
    clock: Clock
    allowed: int
    network: str

    def __call__(self, what: str, target: str) -> None:
        """Count one attempt. Raises TooManyRequests.

        A network that is refused is not counted further: a stranger cannot use up the attempts of a target's owner.
        """
        self._count(what, target, ())

    def sign_in(self, email: str) -> None:
        """Count a sign-in, unless it is refused with SignInBusy.

        Networks that are new to an account share a limit; the owner's own are not refused by it.
        """
        refuse_if_busy()
        self._count("login", email, (account_limit("login", email, self.allowed),))

    def code(self, email: str) -> None:
        """Count a code of a second factor, as a sign-in is counted, with a tighter limit for networks that are new."""
        self._count("code", email, code_limits(email, self.allowed))

    def person(self, what: str, profile_id: UUID) -> None:
        """Count a request of a signed-in person; many of them may share a network. Raises TooManyRequests."""
        with self.sessions.begin() as session:
            refusal = hit(session, [person_limit(what, profile_id, self.allowed)], self.clock())
        if refusal:
            raise refusal

    def _count(self, what: str, target: str, of_unknown: Sequence[Limit]) -> None:
        with self.sessions.begin() as session:
            now = self.clock()
            refusal = hit(session, limits_of(what, self.network, target, self.allowed), now)
            if not refusal and of_unknown and not is_known(session, target, self.network, now):
                refusal = hit(session, of_unknown, now)
        if refusal:
            raise refusal


async def get_attempt_limiter(
    client: ClientDep, sessions: SessionsDep, clock: ClockDep, settings: SettingsDep
) -> AttemptLimiter:
    """Counts the attempts of this request's client."""
    return AttemptLimiter(sessions, clock, settings.rate_limit_attempts, client.network)


AttemptLimit = Annotated[AttemptLimiter, Depends(get_attempt_limiter)]
