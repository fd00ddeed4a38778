"""What text may come in: well-formed, visible, and without characters that hide or reorder other text."""

import re
import unicodedata
from typing import Annotated, Final

from pydantic import AfterValidator, StringConstraints

# Joins emoji and the letters of Persian, Hindi and others; every other format character (Cf) hides or reorders text.
_JOINERS: Final = frozenset("\u200c\u200d")
_BREAKS: Final = frozenset("\n\r\t")
# Line separators, and characters whose meaning is private or none.
_REFUSED: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
# Letters and symbols that are drawn as empty space.
_BLANK: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_NONCHARACTERS: Final = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")
# No script stacks more marks on one letter.
_STACKED_MARKS: Final = 4
_TRIMMED: Final = StringConstraints(strip_whitespace=True)


def is_well_formed(value: str) -> bool:
    """Whether every character can be stored and sent; JSON can have halves of surrogate pairs."""
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _line(value: str) -> str:
    return _checked(value, allowed=_JOINERS)


def _prose(value: str) -> str:
    return _checked(value, allowed=_JOINERS | _BREAKS)


def _checked(value: str, allowed: frozenset[str]) -> str:
    """The text in Unicode's normal form C. Raises ValueError naming what is not allowed."""
    text = unicodedata.normalize("NFC", value)
    for character in text:
        if unicodedata.category(character) in _REFUSED and character not in allowed:
            raise ValueError(f"must not have the character U+{ord(character):04X}")
    if found := _NONCHARACTERS.search(text):
        raise ValueError(f"must not have the character U+{ord(found[0]):04X}")
    if _most_marks(text) > _STACKED_MARKS:
        raise ValueError(f"must not have more than {_STACKED_MARKS} marks on one letter")
    if text and not any(map(_is_visible, text)):
        raise ValueError("must have a visible character")
    return text


def _most_marks(text: str) -> int:
    most = run = 0
    for character in text:
        run = run + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        most = max(most, run)
    return most


def _is_visible(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNPS" and character not in _BLANK


Line = Annotated[str, _TRIMMED, AfterValidator(_line)]
Prose = Annotated[str, _TRIMMED, AfterValidator(_prose)]
