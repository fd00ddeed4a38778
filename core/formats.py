"""Amounts and times as people read them, in Swedish and English."""

from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

Language = Literal["sv", "en"]

TIME_ZONE: Final = "Europe/Stockholm"
_ZONE: Final = ZoneInfo(TIME_ZONE)
_MONTHS: Final[dict[Language, str]] = {
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "en": "January February March April May June July August September October November December",
}


def money(amount: int, currency: str, language: Language) -> str:
    """An amount in minor units, such as `1 234,50 kr` or `SEK 1,234.50`; every allowed currency has two decimals."""
    whole, cents = f"{amount // 100:,}", f"{amount % 100:02d}"
    if language == "en":
        return f"{currency}\u00a0{whole}.{cents}"
    unit = "kr" if currency == "SEK" else currency
    return whole.replace(",", "\u00a0") + f",{cents}\u00a0{unit}"


def day(at: datetime, language: Language) -> str:
    """The date in Stockholm, such as `26 november 2026`."""
    local = at.astimezone(_ZONE)
    return f"{local.day} {_MONTHS[language].split()[local.month - 1]} {local.year}"


def moment(at: datetime, language: Language) -> str:
    """The date and time in Stockholm, with the name of the time zone."""
    joined = "kl." if language == "sv" else "at"
    return f"{day(at, language)} {joined} {at.astimezone(_ZONE):%H:%M} ({TIME_ZONE})"
