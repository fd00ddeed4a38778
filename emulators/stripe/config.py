"""The configuration of a running emulator, from its command line."""

from dataclasses import dataclass
from pathlib import Path

API_VERSION = "2026-10-28.endive"


@dataclass(frozen=True, slots=True)
class Config:
    """Addresses, keys and delivery timing; durations in seconds.

    The retry delay starts at `retry_base_s` and doubles up to `retry_cap_s`; retries end after `give_up_after_s`.
    `settle_after_s` is the time until a bank debit settles.
    """

    public_url: str
    data: Path
    webhook_url: str
    webhook_secret: str
    secret_key: str
    retry_base_s: float = 1.0
    retry_cap_s: float = 3600.0
    give_up_after_s: float = 3 * 86_400.0
    delivery_timeout_s: float = 10.0
    delivery_workers: int = 8
    settle_after_s: float = 5.0
