"""Log refused logins, by the client's address and the account, without the e-mail address that was typed."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

import structlog
from fastapi import Depends, Request

from api.deps import SettingsDep

# Hexadecimal digits: enough to tell typed addresses apart.
_DIGITS: Final = 16

log = structlog.get_logger("accounts")


@dataclass(frozen=True, slots=True)
class RefusedLogins:
    """Logs refused logins from one address. `key` makes hashes that no list of e-mail addresses can undo."""

    address: str
    key: bytes

    def __call__(self, email: str, profile_id: UUID | None) -> None:
        """Log one: with the account, or with a keyed hash of an address that has none."""
        if profile_id is not None:
            log.warning("login refused", address=self.address, profile=str(profile_id))
        else:
            typed = hmac.digest(self.key, b"login:" + email.encode(), hashlib.sha256).hex()[:_DIGITS]
            log.warning("login refused", address=self.address, typed=typed)


def _refused_logins(request: Request, settings: SettingsDep) -> RefusedLogins:
    host = request.client.host if request.client else ""
    return RefusedLogins(host, settings.jwt_secret.get_secret_value().encode())


RefusedLoginLog = Annotated[RefusedLogins, Depends(_refused_logins)]
