"""Faults of the mail server that a caller can set; they end with the process."""

from dataclasses import dataclass


@dataclass(slots=True)
class Faults:
    """`refused_with` is the SMTP code that refuses each recipient, 400 to 599; None accepts them."""

    refused_with: int | None = None
