"""The rules for a new password, as in NIST SP 800-63B: long, not common, not the e-mail address."""

import unicodedata
from functools import cache
from pathlib import Path

from core.problems import InputInvalid

SHORTEST = 10
LONGEST = 128


class PasswordWeak(InputInvalid):
    """The new password breaks a rule."""

    code = "password_weak"
    title = "This password is too easy to guess."


def check(password: str, email: str) -> None:
    """Raise PasswordWeak, naming the rule, for a password that is not allowed."""
    plain = unicodedata.normalize("NFKC", password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise _weak(f"A password must have {SHORTEST} to {LONGEST} characters.")
    lowered = plain.casefold()
    if lowered in {email, email.partition("@")[0]}:
        raise _weak("A password must not be the e-mail address.")
    if lowered in _common() or len(set(lowered)) == 1:
        raise _weak("This password is among the most common ones; choose another.")


def _weak(rule: str) -> PasswordWeak:
    return PasswordWeak(rule, field="password")


@cache
def _common() -> frozenset[str]:
    words = Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(words.split())
