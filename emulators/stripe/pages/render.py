"""Renders the HTML templates."""

from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

_NO_DECIMALS = ("jpy",)
_THIN_SPACE, _SPACE = "\u202f", "\u00a0"


def money(amount: int, currency: str) -> str:
    """Minor units as text: `1 290.00 SEK`, with no-break spaces."""
    code = currency.upper()
    shown = f"{amount:,}" if currency in _NO_DECIMALS else f"{amount / 100:,.2f}"
    return f"{shown.replace(',', _THIN_SPACE)}{_SPACE}{code}"


def utc_time(seconds: float) -> str:
    """Seconds since 1970 as UTC date and time."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)


def render(template: str, status: int = 200, **values: object) -> HTMLResponse:
    """A page from `templates/`."""
    page = _templates.get_template(template).render(**values, money=money, utc_time=utc_time)
    return HTMLResponse(page, status)
