"""The pages that buyers see after the checkout: `landing/return.html`, filled in. They run no script."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from html import escape
from math import ceil
from pathlib import Path
from string import Template
from typing import Final
from urllib.parse import urlencode

from fastapi.responses import HTMLResponse

from api.return_phrases import LABELS, PHRASES, Told
from core.formats import Language, moment, money
from core.orders.returns import Return
from db.models import OrderItem

_HTML: Final = (Path(__file__).parents[1] / "landing" / "return.html").read_text(encoding="utf-8")
_PAGE: Final = Template(_HTML)
_STYLE: Final = _HTML.partition("<style>")[2].partition("</style>")[0]
_STYLE_HASH: Final = b64encode(sha256(_STYLE.encode()).digest()).decode()
_HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Vary": "Accept-Language",
}

# The buyer has what was bought, so titles are links.
_OWNED: Final[frozenset[Told]] = frozenset({"fulfilled", "partly_refunded"})
# Seconds between refreshes: about a minute in all. An outcome that takes longer is emailed.
_REFRESH_AFTER: Final = (2, 2, 3, 3, 5, 5, 8, 10, 12, 12)
_NOT_FOUND: Final = 404
# A longer time is told in hours.
_MOST_MINUTES: Final = 120

# Paths of the icons, in a box of 24 × 24.
_DONE: Final = "M5 12.5l4.5 4.5L19 7.5"
_CLOCK: Final = "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7.5V12l3 2"
_CROSS: Final = "M7 7l10 10M17 7L7 17"
_PAUSE: Final = "M9 6v12M15 6v12"
_BACK: Final = "M10 6l-6 6 6 6M4 12h16"
_LOOKS: Final[dict[Told, tuple[str, str]]] = {
    "confirming": ("wait", _CLOCK),
    "slow": ("wait", _CLOCK),
    "fulfilling": ("good", _DONE),
    "fulfilled": ("good", _DONE),
    "delayed": ("wait", _CLOCK),
    "failed": ("stop", _CROSS),
    "expired": ("calm", _CLOCK),
    "cancelled": ("calm", _CROSS),
    "refunded": ("calm", _BACK),
    "checking": ("wait", _CLOCK),
    "left": ("calm", _BACK),
    "payable": ("wait", _CLOCK),
    "partly_refunded": ("calm", _BACK),
    "disputed": ("stop", _PAUSE),
    "unknown": ("calm", _CROSS),
}


@dataclass(frozen=True, slots=True)
class Visit:
    """Who looks at the page: their language, the time, and the app that links lead to (empty: the API)."""

    language: Language
    now: datetime
    app_url: str = ""


def unknown_page(visit: Visit) -> HTMLResponse:
    """The 404 for a link that names no checkout and no order."""
    return _response(visit, "unknown", status=_NOT_FOUND, actions=_courses(visit, primary=True))


def left_page(visit: Visit, found: Return) -> HTMLResponse:
    """The page of a buyer who left the checkout."""
    told: Told = "left" if found.situation == "payable" else found.situation
    return _response(visit, told, found, actions=_actions(visit, found))


def thanks_page(visit: Visit, found: Return, session_id: str, seen: int) -> HTMLResponse:
    """The page after the checkout; it refreshes itself while it waits, `seen` times already."""
    if found.situation not in {"payable", "fulfilling"}:
        return _response(visit, found.situation, found, actions=_actions(visit, found))
    waits = found.situation == "payable"
    if seen >= len(_REFRESH_AFTER):
        told: Told = "slow" if waits else found.situation
        reload = _button("?" + urlencode({"session_id": session_id}), _label(visit, "reload"), primary=True)
        return _response(visit, told, found, actions=reload + _courses(visit))
    address = "?" + urlencode({"session_id": session_id, "seen": seen + 1})
    refresh = f'<meta http-equiv="refresh" content="{_REFRESH_AFTER[seen]};url={escape(address)}">'
    return _response(visit, "confirming" if waits else found.situation, found, refresh=refresh)


def language_of(accepted: str) -> Language:
    """English if an `Accept-Language` header prefers it to Swedish; otherwise Swedish."""
    weights = dict.fromkeys(("sv", "en"), 0.0)
    for entry in accepted.split(","):
        tag, _, parameters = entry.strip().lower().partition(";")
        language = tag.partition("-")[0].strip()
        if language in weights:
            weights[language] = max(weights[language], _quality(parameters))
    return "en" if weights["en"] > weights["sv"] else "sv"


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


def _response(
    visit: Visit, told: Told, found: Return | None = None, *, actions: str = "", refresh: str = "", status: int = 200
) -> HTMLResponse:
    phrase, (tone, icon) = PHRASES[visit.language][told], _LOOKS[told]
    page = _PAGE.substitute(
        lang=visit.language,
        refresh=refresh,
        tone=tone,
        icon=icon,
        heading=escape(phrase.heading),
        text=escape(phrase.text.format_map(_values(visit, found)) if found else phrase.text),
        note=f'<p class="note" role="status">{escape(_label(visit, "refreshes"))}</p>' if refresh else "",
        order=_order(visit, found) if found and found.items else "",
        actions=f'<div class="actions">{actions}</div>' if actions else "",
    )
    return HTMLResponse(page, status, {**_HEADERS, "Content-Language": visit.language})


def _values(visit: Visit, found: Return) -> Mapping[str, str]:
    minutes = max(1, ceil((found.expires_at - visit.now).total_seconds() / 60))
    time_left = f"{minutes}\u00a0min" if minutes <= _MOST_MINUTES else f"{minutes // 60}\u00a0h"
    return {
        "time_left": time_left,
        "until": moment(found.expires_at, visit.language),
        "refunded": money(found.returned, found.currency, visit.language),
        "remaining": money(max(0, found.total_amount - found.returned), found.currency, visit.language),
    }


def _order(visit: Visit, found: Return) -> str:
    lines = "".join(_line(visit, found, item) for item in found.items)
    total = escape(money(found.total_amount, found.currency, visit.language))
    return (
        f'<section class="order" aria-labelledby="order"><h2 id="order">{escape(_label(visit, "order"))}</h2>'
        f'<ul>{lines}</ul><p class="total"><span>{escape(_label(visit, "total"))}</span>'
        f'<span class="sum">{total}</span></p></section>'
    )


def _line(visit: Visit, found: Return, item: OrderItem) -> str:
    title = escape(item.title)
    if found.situation in _OWNED and (address := _address(visit, item)):
        title = f'<a href="{escape(address)}">{title}</a>'
    count = f"{item.quantity} × " if item.quantity > 1 else ""
    amount = escape(money(item.unit_amount * item.quantity, found.currency, visit.language))
    return f'<li><span>{count}{title}</span><span class="sum">{amount}</span></li>'


def _address(visit: Visit, item: OrderItem) -> str | None:
    if item.course_id:
        return f"{visit.app_url}/courses/{item.course_id}"
    return f"{visit.app_url}/services/{item.service_id}" if item.service_id else None


def _addresses(visit: Visit, found: Return) -> list[str]:
    return [address for item in found.items if (address := _address(visit, item))]


def _actions(visit: Visit, found: Return) -> str:
    match found.situation:
        case "fulfilled" | "partly_refunded":
            addresses = _addresses(visit, found)
            opened = _button(addresses[0], _label(visit, "open"), primary=True) if len(addresses) == 1 else ""
            return opened + _courses(visit, primary=not opened)
        case "payable" | "failed" if visit.app_url:
            label = "pay_again" if found.situation == "failed" else "to_order"
            order = _button(f"{visit.app_url}/orders/{found.order_id}", _label(visit, label), primary=True)
            return order + _courses(visit)
        case "expired" | "cancelled" if len(addresses := _addresses(visit, found)) == 1:
            return _button(addresses[0], _label(visit, "order_again"), primary=True) + _courses(visit)
        case _:
            return _courses(visit, primary=True)


def _courses(visit: Visit, *, primary: bool = False) -> str:
    return _button(f"{visit.app_url}/courses", _label(visit, "to_courses"), primary=primary)


def _button(address: str, label: str, *, primary: bool) -> str:
    return f'<a class="button{" primary" if primary else ""}" href="{escape(address)}">{escape(label)}</a>'


def _label(visit: Visit, name: str) -> str:
    return LABELS[visit.language][name]
