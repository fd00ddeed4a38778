"""The tokens in links of emails: the id of a row, and an HMAC of it.

The database holds no secret: a copy of it opens no account, and an email can be rendered from the row at any time.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from typing import Final
from uuid import UUID

_ID_BYTES: Final = 16
_BYTES: Final = _ID_BYTES + 32


def token_of(secret: str, row_id: UUID) -> str:
    """The token of a row; 64 characters that need no escape in a URL."""
    return urlsafe_b64encode(row_id.bytes + _mac(secret, row_id)).decode()


def id_of(secret: str, token: str) -> UUID | None:
    """The id in a token that `token_of` has made with this secret, else None."""
    try:
        found = urlsafe_b64decode(token.encode("ascii"))
    except (UnicodeEncodeError, Error):
        return None
    if len(found) != _BYTES:
        return None
    row_id = UUID(bytes=found[:_ID_BYTES])
    return row_id if hmac.compare_digest(found[_ID_BYTES:], _mac(secret, row_id)) else None


def _mac(secret: str, row_id: UUID) -> bytes:
    return hmac.digest(secret.encode(), b"link:" + row_id.bytes, hashlib.sha256)
