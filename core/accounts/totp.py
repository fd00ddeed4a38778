"""One-time passwords by time (RFC 6238): six digits, SHA-1, a step of 30 seconds, as authenticator apps have them."""

import hmac
import re
from datetime import datetime
from typing import Final

import segno
from pyotp import random_base32
from pyotp.totp import TOTP

ISSUER: Final = "Aula"
STEP_SECONDS: Final = 30
# Steps that a clock may be off, to either side (RFC 6238, section 5.2).
DRIFT: Final = 1
_DIGITS: Final = re.compile(r"[0-9]{6}")


def new_secret() -> str:
    """A secret of 160 bits in Base32 (RFC 4226, section 4)."""
    return random_base32()


def uri_of(secret: str, email: str) -> str:
    """The otpauth address that an authenticator app reads."""
    return TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def qr_of(uri: str) -> str:
    """The address as a QR code: an SVG picture in a data URL."""
    return segno.make_qr(uri).svg_data_uri(scale=4)


def is_totp(code: str) -> bool:
    """Whether it has the form of a one-time password."""
    return _DIGITS.fullmatch(code) is not None


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The newest time step whose code this is, within the drift; None if there is none."""
    current = int(now.timestamp()) // STEP_SECONDS
    steps = range(current + DRIFT, current - DRIFT - 1, -1)
    return next((step for step in steps if hmac.compare_digest(TOTP(secret).generate_otp(step), code)), None)
