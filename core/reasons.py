"""The reason that an operator gives for an action."""

from typing import Annotated, Final

from pydantic import Field

from core.problems import InputInvalid
from core.text import Prose

MAX_REASON: Final = 500

Reason = Annotated[Prose, Field(min_length=1, max_length=MAX_REASON, description="Why; it is kept in the audit log.")]


def checked_reason(reason: str) -> str:
    """The reason without the space around it. Raises InputInvalid unless 1 to MAX_REASON characters are left."""
    trimmed = reason.strip()
    if not 1 <= len(trimmed) <= MAX_REASON:
        raise InputInvalid(f"A reason of 1 to {MAX_REASON} characters is needed.", field="reason")
    return trimmed
