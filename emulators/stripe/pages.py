"""Renders the emulator's HTML pages."""

from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

_NO_DECIMALS = ("jpy",)
_THIN_SPACE, _SPACE = "\u202f", "\u00a0"


def money(amount: int, currency: str) -> str:
    """Minor units as a person reads them: `1 290.00 SEK`, with spaces that do not break."""
    code = currency.upper()
    shown = f"{amount:,}" if currency in _NO_DECIMALS else f"{amount / 100:,.2f}"
    return f"{shown.replace(',', _THIN_SPACE)}{_SPACE}{code}"


def clock(seconds: float) -> str:
    """A moment in UTC to the second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)


def render(template: str, status: int = 200, **values: object) -> HTMLResponse:
    """A page from `templates/`."""
    page = _pages.get_template(template).render(**values, money=money, clock=clock)
    return HTMLResponse(page, status)
