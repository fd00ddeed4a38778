"""What one running emulator was told on its command line."""

from dataclasses import dataclass
from pathlib import Path

API_VERSION = "2026-10-28.endive"


@dataclass(frozen=True, slots=True)
class Config:
    """Addresses and keys, and the pace of deliveries; durations in seconds.

    `retry_base_s` doubles with each failed attempt up to `retry_cap_s`, until `give_up_after_s` is over.
    `settle_after_s` is how long a bank debit stays unsettled.
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
