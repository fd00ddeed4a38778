"""Limits on attempts, for endpoints where a password or token could be guessed."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session, sessionmaker

from api.client import ClientDep
from api.deps import ClockDep, SessionsDep, SettingsDep
from core.accounts.limits import bucket, hit
from core.clock import Clock


@dataclass(frozen=True, slots=True)
class AttemptLimiter:
    """Counts attempts by the client's address and by their target, such as an e-mail address."""

    sessions: sessionmaker[Session]
    clock: Clock
    allowed: int
    address: str

    def __call__(self, what: str, target: str) -> None:
        """Count one attempt, in transactions of its own. Raises TooManyRequests.

        An address that is refused is not counted for the target: it must not lock out the target's owner.
        """
        for name in (bucket(f"{what}:address", self.address), bucket(f"{what}:target", target)):
            with self.sessions.begin() as session:
                refusal = hit(session, name, now=self.clock(), allowed=self.allowed)
            if refusal:
                raise refusal


def _attempt_limiter(
    client: ClientDep, sessions: SessionsDep, clock: ClockDep, settings: SettingsDep
) -> AttemptLimiter:
    return AttemptLimiter(sessions, clock, settings.rate_limit_attempts, client.network)


AttemptLimit = Annotated[AttemptLimiter, Depends(_attempt_limiter)]
