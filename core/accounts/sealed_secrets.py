"""Secrets that are stored encrypted: AES-256-GCM, bound to the account, so that no row can stand in for another's."""

import hashlib
import secrets
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# As NIST SP 800-38D asks for; a random one is safe for 2^32 secrets of a key.
_NONCE_BYTES: Final = 12


class SecretUnreadable(Exception):  # noqa: N818 - a fault of the settings, not of the code
    """None of the keys has encrypted the secret: `AULA_TOTP_KEY` was changed without keeping the old key beside it."""


def seal(keys: Sequence[str], owner: UUID, secret: str) -> bytes:
    """The secret of an account, encrypted with the first key."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + _cipher(keys[0]).encrypt(nonce, secret.encode(), owner.bytes)


def unseal(keys: Sequence[str], owner: UUID, sealed: bytes) -> str:
    """The secret again. Raises SecretUnreadable."""
    for key in keys:
        try:
            return _cipher(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], owner.bytes).decode()
        except InvalidTag:
            continue
    raise SecretUnreadable("AULA_TOTP_KEY has no key that reads the second factor of an account.")


def _cipher(key: str) -> AESGCM:
    # The settings ask for at least 32 random bytes, so no slow derivation is needed.
    return AESGCM(hashlib.sha256(b"totp:" + key.encode()).digest())
