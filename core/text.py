"""Types for texts that people type: trimmed and without control characters."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

_TRIMMED = StringConstraints(strip_whitespace=True)


def _one_line(value: str) -> str:
    if any(unicodedata.category(character) in {"Cc", "Zl", "Zp"} for character in value):
        raise ValueError("must be one line without control characters")
    return value


def _many_lines(value: str) -> str:
    if any(unicodedata.category(character) == "Cc" and character not in "\n\r\t" for character in value):
        raise ValueError("must not have control characters")
    return value


Line = Annotated[str, _TRIMMED, AfterValidator(_one_line)]
Prose = Annotated[str, _TRIMMED, AfterValidator(_many_lines)]
