"""Where links in rendered emails lead."""

from typing import Final

from core.mail.content import Addresses

ADDRESSES: Final = Addresses(
    "https://app.aula.example", "https://aula.example", "a secret of tests of 32 bytes, or more"
)
