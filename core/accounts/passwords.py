"""Password hashes: Argon2id with the low-memory profile of RFC 9106, section 4 (64 MiB, three passes)."""

import os
import unicodedata
from collections.abc import Generator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from core.problems import Problem

_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)

# A hash has four threads, and 64 MiB: as many at once as half the processor's cores, and at most 256 MiB of memory.
_slots = BoundedSemaphore(max(1, min(4, (os.cpu_count() or 1) // 2)))
# Those that are hashed and those that wait: each takes one of the 40 threads that serve requests.
_PLACES: Final = 12
_places = BoundedSemaphore(_PLACES)
_RETRY_AFTER: Final = 2


class SignInBusy(Problem):
    """As many passwords as allowed are being checked."""

    code = "sign_in_busy"
    title = "Too many people sign in right now."
    status = 503


# The hash of a random password that was discarded. Verifying it takes as long as verifying a real one.
DUMMY_HASH = "$argon2id$v=19$m=65536,t=3,p=4$drHEAb2DYLFwTcXkQNVLTw$sfdTC55LUl/IuVqdP9N5tN0H65H3YZ+AKWFTe/WC8So"


def hash_password(password: str) -> str:
    """The hash to store, with its salt and parameters. Raises SignInBusy."""
    with _slot():
        return _hasher.hash(_canonical(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether `stored` is the hash of `password`; takes as long when `stored` is None. Raises SignInBusy."""
    with _slot():
        try:
            _hasher.verify(stored or DUMMY_HASH, _canonical(password))
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def refuse_if_busy() -> None:
    """Refuse early what `matches` would refuse, before more is done for it. Raises SignInBusy."""
    with _place():
        pass


@contextmanager
def _slot() -> Generator[None]:
    with _place(), _slots:
        yield


@contextmanager
def _place() -> Generator[None]:
    if not _places.acquire(blocking=False):
        raise SignInBusy("Try again in a moment.", retry_after=_RETRY_AFTER)
    try:
        yield
    finally:
        _places.release()


def _canonical(password: str) -> str:
    """Unicode form NFKC, so that every keyboard gives the same password (NIST SP 800-63B, section 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)
