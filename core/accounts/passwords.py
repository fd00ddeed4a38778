"""Password hashes: Argon2id with the low-memory profile of RFC 9106, section 4 (64 MiB, three passes)."""

import unicodedata
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)

# Four hashes of 64 MiB at once: at most 256 MiB of memory.
_slots = BoundedSemaphore(4)

# The hash of a random password that was discarded. Verifying it takes as long as verifying a real one.
DUMMY_HASH = "$argon2id$v=19$m=65536,t=3,p=4$drHEAb2DYLFwTcXkQNVLTw$sfdTC55LUl/IuVqdP9N5tN0H65H3YZ+AKWFTe/WC8So"


def hash_password(password: str) -> str:
    """The hash to store, with its salt and parameters."""
    with _slots:
        return _hasher.hash(_canonical(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether `stored` is the hash of `password`; takes as long when `stored` is None."""
    with _slots:
        try:
            _hasher.verify(stored or DUMMY_HASH, _canonical(password))
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def _canonical(password: str) -> str:
    """Unicode form NFKC, so that every keyboard gives the same password (NIST SP 800-63B, section 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)
