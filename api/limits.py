"""Limits on attempts, for whatever somebody could guess by trying."""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session, sessionmaker

from api.deps import ClockDep, SessionsDep, SettingsDep
from core.accounts.limits import bucket, hit
from core.clock import Clock


@dataclass(frozen=True, slots=True)
class AttemptLimit:
    """Counts attempts by the client's address and by what they are aimed at."""

    sessions: sessionmaker[Session]
    clock: Clock
    allowed: int
    address: str

    def __call__(self, what: str, target: str) -> None:
        """Count one attempt. Raises TooManyRequests; the count stands, whatever becomes of the request."""
        buckets = [bucket(f"{what}:address", self.address), bucket(f"{what}:target", target)]
        with self.sessions.begin() as session:
            refusal = hit(session, buckets, now=self.clock(), allowed=self.allowed)
        if refusal:
            raise refusal


def network_of(host: str) -> str:
    """Whom an address stands for: an IPv4 address itself, an IPv6 one its /64, which one customer has whole."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, 64), strict=False))
    return str(address)


def _limit(request: Request, sessions: SessionsDep, clock: ClockDep, settings: SettingsDep) -> AttemptLimit:
    host = request.client.host if request.client else ""
    return AttemptLimit(sessions, clock, settings.rate_limit_attempts, network_of(host))


Limit = Annotated[AttemptLimit, Depends(_limit)]
