"""The rules for a new password, as in NIST SP 800-63B: long, and not one that is guessed early."""

import re
import unicodedata
from typing import Final

from zxcvbn import zxcvbn

from core.problems import InputInvalid

SHORTEST: Final = 10
LONGEST: Final = 128
# zxcvbn's scale is 0 to 4: from 3 on, more than 10^8 guesses are needed. It knows 30,000 common passwords and words.
LEAST_SCORE: Final = 3
# The time to find patterns grows faster than the length, and a longer password is strong by its first characters.
_EXAMINED: Final = 40
# Letters of a part of the address that count as known.
_LEAST_PART: Final = 3
# What zxcvbn does not know: this system's name, and words that Swedish passwords begin with.
_WORDS: Final = (
    "aula", "abcdefghij", "hejhej", "hemligt", "höst", "kurs", "kärlek", "losenord", "lösenord", "mamma", "pappa",
    "sommar", "stockholm", "sverige", "valkommen", "vinter", "välkommen", "vår",
)  # fmt: skip


class PasswordWeak(InputInvalid):
    """The new password breaks a rule."""

    code = "password_weak"
    title = "This password is too easy to guess."


def check(password: str, email: str, field: str = "password") -> None:
    """Raise PasswordWeak, naming the rule, for a password that is not allowed."""
    plain = unicodedata.normalize("NFKC", password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise PasswordWeak(f"A password must have {SHORTEST} to {LONGEST} characters.", field=field)
    lowered = plain.casefold()
    if lowered in {email, email.partition("@")[0]}:
        raise PasswordWeak("A password must not be the e-mail address.", field=field)
    known = [*_WORDS, *(part for part in re.split(r"[\W_]+", email) if len(part) >= _LEAST_PART)]
    if zxcvbn(lowered[:_EXAMINED], user_inputs=known)["score"] < LEAST_SCORE:
        raise PasswordWeak(
            "This password is a common one, or common words and patterns; choose a longer or more unusual one.",
            field=field,
        )
