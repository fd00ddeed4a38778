"""E-mail addresses, in the normal form that is stored and compared."""

from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, StringConstraints

MAX_EMAIL = 254
# Mail programs decode a word that begins so (RFC 2047), and would send to another address than the one that is typed.
_ENCODED_WORD = "=?"


def normalise(address: str) -> str:
    """The address in lower case, its domain in Unicode. Raises ValueError. Does no DNS lookup."""
    if _ENCODED_WORD in address:
        raise ValueError(f"must be an e-mail address: {_ENCODED_WORD} is not allowed")
    try:
        found = validate_email(address, check_deliverability=False)
    except EmailNotValidError as error:
        raise ValueError(f"must be an e-mail address: {error}") from None
    lowered = found.normalized.lower()
    if len(lowered) > MAX_EMAIL:
        raise ValueError(f"must have at most {MAX_EMAIL} characters")
    return lowered


EmailAddress = Annotated[str, StringConstraints(max_length=MAX_EMAIL), AfterValidator(normalise)]
