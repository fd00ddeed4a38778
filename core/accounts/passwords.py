"""Passwords at rest: Argon2id with the low-memory profile of RFC 9106, section 4 (64 MiB, three passes)."""

import unicodedata
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)

# At most so many at once: 256 MiB, however many people sign in.
_at_once = BoundedSemaphore(4)

# Of a random password that nobody kept: verifying against it costs what a real one costs.
NOBODYS_HASH = "$argon2id$v=19$m=65536,t=3,p=4$drHEAb2DYLFwTcXkQNVLTw$sfdTC55LUl/IuVqdP9N5tN0H65H3YZ+AKWFTe/WC8So"


def hash_password(password: str) -> str:
    """The hash to keep, with its salt and parameters."""
    with _at_once:
        return _hasher.hash(_canonical(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether `password` is the one `stored` was made of; takes as long when there is none stored."""
    with _at_once:
        try:
            _hasher.verify(stored or NOBODYS_HASH, _canonical(password))
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def _canonical(password: str) -> str:
    """The same password from every keyboard (NIST SP 800-63B, section 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)
