"""Ids in the form that the server gives them."""

import secrets
from typing import Final

_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz23456789"
_LENGTH: Final = 12


def new_id(prefix: str) -> str:
    """`RM_` for a room, `PA_` a participant, `TR_` a track, `EV_` an event, and twelve random characters."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
