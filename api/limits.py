"""Limits on attempts, for endpoints where a password or token could be guessed."""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session, sessionmaker

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


def network_of(host: str) -> str:
    """The network to count: an IPv4 address itself, or the /64 of an IPv6 address, which one customer owns."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, 64), strict=False))
    return str(address)


def _attempt_limiter(request: Request, sessions: SessionsDep, clock: ClockDep, settings: SettingsDep) -> AttemptLimiter:
    host = request.client.host if request.client else ""
    return AttemptLimiter(sessions, clock, settings.rate_limit_attempts, network_of(host))


AttemptLimit = Annotated[AttemptLimiter, Depends(_attempt_limiter)]
