"""Limits on attempts. The hits of a bucket are counted in the database, for all processes together."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import exists, select, text
from sqlalchemy.orm import Session

from core.mail.queue import queue_mail
from core.problems import TooManyRequests
from db.models import LoginSession, Profile
from db.queries import query

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
# The owner is told of so many refused sign-ins in a day, once.
TOLD_AFTER: Final = 10
# Sooner of wrong codes: who sends them has the password.
CODES_TOLD_AFTER: Final = 3
# A network from which the owner has signed in this recently is never refused for what others do.
KNOWN_FOR: Final = timedelta(days=90)
_UNHURRIED: Final = text("set local synchronous_commit = off")
_PERIODS: Final = {MINUTE: "minute", HOUR: "hour", DAY: "day"}


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `allowed` hits of a bucket in a window of `seconds`."""

    bucket: str
    seconds: int
    allowed: int


def limits_of(what: str, network: str, target: str, allowed: int) -> Sequence[Limit]:
    """What an attempt counts for: its network, and its target as seen from this network.

    `allowed` is a minute's. The longer windows stop a patient guesser; many people behind one address reach none.
    """
    address, pair = _bucket(f"{what}:address", network), _bucket(f"{what}:target", f"{network} {target}")
    return (
        Limit(address, MINUTE, allowed),
        Limit(address, HOUR, 20 * allowed),
        Limit(pair, MINUTE, allowed),
        Limit(pair, HOUR, 4 * allowed),
        Limit(pair, DAY, 10 * allowed),
    )


def account_limit(what: str, target: str, allowed: int) -> Limit:
    """The limit of a target for all unknown networks together, an hour's."""
    return Limit(_bucket(f"{what}:account", target), HOUR, 10 * allowed)


def code_limits(target: str, allowed: int) -> Sequence[Limit]:
    """The limits of an account's codes for all unknown networks together: a code has six digits only."""
    bucket = _bucket("code:account", target)
    return Limit(bucket, HOUR, allowed), Limit(bucket, DAY, 3 * allowed)


def person_limit(what: str, profile_id: UUID, allowed: int) -> Limit:
    """The limit of one person, a minute's, from wherever they come."""
    return Limit(_bucket(f"{what}:person", str(profile_id)), MINUTE, allowed)


def hit(session: Session, limits: Sequence[Limit], now: datetime) -> TooManyRequests | None:
    """Count one attempt for each limit in turn, until one refuses it.

    Returns the refusal instead of raising it, so that the counts are committed. The commit does not wait for the disk:
    a crash may forget some attempts.
    """
    session.execute(_UNHURRIED)
    for limit in limits:
        hits, left = _count(session, limit, now)
        if hits > limit.allowed:
            most = f"At most {limit.allowed} attempts per {_PERIODS[limit.seconds]} are allowed"
            return TooManyRequests(f"{most}; try again in {left} s.", retry_after=left)
    return None


def is_known(session: Session, email: str, network: str, now: datetime) -> bool:
    """Whether the owner of an address has signed in from this network lately."""
    there = exists().where(
        LoginSession.profile_id == Profile.id,
        LoginSession.network == network,
        LoginSession.used_at > now - KNOWN_FOR,
    )
    return session.scalar(select(Profile.id).where(Profile.email == email, there)) is not None


def count_refused(session: Session, account: Profile, now: datetime) -> None:
    """Count a refused sign-in, and tell the owner when there are many in a day."""
    _count_and_tell(session, account, "sign_ins_refused", TOLD_AFTER, now)


def count_refused_code(session: Session, account: Profile, now: datetime) -> None:
    """Count a sign-in with the right password and a wrong code, and tell the owner when there are some in a day."""
    _count_and_tell(session, account, "codes_refused", CODES_TOLD_AFTER, now)


def _count_and_tell(session: Session, account: Profile, what: str, told_after: int, now: datetime) -> None:
    hits, _ = _count(session, Limit(_bucket(what, str(account.id)), DAY, told_after), now)
    if hits == told_after:
        queue_mail(session, what, f"{what}:{account.id}:{now:%Y-%m-%d}", account.id)


def _count(session: Session, limit: Limit, now: datetime) -> tuple[int, int]:
    """The hits in this window, and the seconds that are left of it."""
    second = int(now.timestamp())
    start = second - second % limit.seconds
    values = {"bucket": f"{limit.bucket}:{limit.seconds}", "window": start}
    return int(session.scalar(query("accounts/hit"), values)), start + limit.seconds - second


def _bucket(what: str, value: str) -> str:
    """The name of a bucket; `value` is hashed, because it may be an e-mail address."""
    return f"{what}:{hashlib.sha256(value.encode()).hexdigest()}"
