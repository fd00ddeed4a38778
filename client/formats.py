"""Money and times as people of the language write them. Times are those of Sweden, as in emails."""

from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

Language = Literal["sv", "en"]

_STOCKHOLM: Final = ZoneInfo("Europe/Stockholm")
_THIN: Final = "\u00a0"
_MONTHS: Final[dict[Language, tuple[str, ...]]] = {
    "sv": ("jan.", "feb.", "mars", "apr.", "maj", "juni", "juli", "aug.", "sep.", "okt.", "nov.", "dec."),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
_DAYS: Final[dict[Language, tuple[str, ...]]] = {
    "sv": ("mån", "tis", "ons", "tors", "fre", "lör", "sön"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


def money(amount: int, currency: str, language: Language) -> str:
    """An amount of minor units, such as `1 465 kr`."""
    whole, minor = divmod(amount, 100)
    grouped = f"{whole:,}".replace(",", _THIN if language == "sv" else ",")
    decimals = ("," if language == "sv" else ".") + f"{minor:02}" if minor else ""
    if currency == "SEK" and language == "sv":
        return f"{grouped}{decimals}{_THIN}kr"
    return f"{currency}{_THIN}{grouped}{decimals}"


def local(time: datetime) -> datetime:
    """The time in Sweden."""
    return time.astimezone(_STOCKHOLM)


def from_local(text: str) -> datetime | None:
    """The time that `2026-12-01 18:00` is in Sweden; None if it is no such text."""
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d %H:%M").replace(tzinfo=_STOCKHOLM)
    except ValueError:
        return None


def day(time: datetime, language: Language) -> str:
    """The date, such as `1 dec. 2026`."""
    there = local(time)
    return f"{there.day} {_MONTHS[language][there.month - 1]} {there.year}"


def moment(time: datetime, language: Language) -> str:
    """Day and time, such as `tis 1 dec. 18:00`."""
    there = local(time)
    weekday, month = _DAYS[language][there.weekday()], _MONTHS[language][there.month - 1]
    return f"{weekday} {there.day} {month} {there:%H:%M}"


def span(start: datetime, end: datetime, language: Language) -> str:
    """From a time to a later one of the same day, such as `tis 1 dec. 18:00–19:00`."""
    return f"{moment(start, language)}–{local(end):%H:%M}"
