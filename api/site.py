"""The public site: pages of `landing/` in Swedish and English, filled in.

They set no cookie, and only the page of a live seminar runs scripts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from typing import Final, Literal

from fastapi.responses import HTMLResponse, Response

from api.site_phrases import DESCRIPTIONS, LABELS, TITLES, PageName
from core.formats import Language, moment, money
from core.privacy.retention import EXPORT_KEPT, retentions
from core.settings import Settings
from db.models import Course, Seminar

AssetName = Literal["site.css", "mark.svg", "hero.svg"]

_LANDING: Final = Path(__file__).parents[1] / "landing"
_LAYOUT: Final = Template((_LANDING / "layout.html").read_text(encoding="utf-8"))
_PREFIXES: Final[Mapping[Language, str]] = {"sv": "", "en": "/en"}
_PAGES: Final = {
    (language, name): Template((_LANDING / language / f"{name}.html").read_text(encoding="utf-8"))
    for language in _PREFIXES
    for name in TITLES[language]
}
_ASSETS: Final[Mapping[AssetName, bytes]] = {
    name: (_LANDING / name).read_bytes() for name in ("site.css", "mark.svg", "hero.svg")
}
_MEDIA_TYPES: Final = {"css": "text/css; charset=utf-8", "svg": "image/svg+xml"}
_STYLE_VERSION: Final = sha256(_ASSETS["site.css"]).hexdigest()[:12]
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    # A visitor who returns sees a new course within a minute.
    "Cache-Control": "public, max-age=60",
}
# The style sheet's address changes with its content; a changed picture is seen within a day.
_ASSET_HEADERS: Final = {"Cache-Control": "public, max-age=86400", "Content-Security-Policy": "default-src 'none'"}


@dataclass(frozen=True, slots=True)
class Site:
    """One language of the site, with the settings that its pages tell."""

    language: Language
    settings: Settings

    def home(self, courses: Sequence[Course], seminars: Sequence[Seminar]) -> HTMLResponse:
        """The first page, with courses on sale and seminars to come."""
        return self._page(
            "home",
            course_cards=self._cards([self._course(one) for one in courses], "no_courses"),
            seminar_cards=self._cards([self._seminar(one) for one in seminars], "no_seminars"),
            apps=self._apps(),
        )

    def privacy(self) -> HTMLResponse:
        """The privacy policy; its times are the ones in use."""
        kept = retentions(self.language, self.settings)
        rows = (f"<tr><td>{escape(one.data)}</td><td>{escape(one.kept)}</td></tr>" for one in kept)
        return self._page("privacy", retention="\n".join(rows))

    def terms(self) -> HTMLResponse:
        """The terms of a purchase."""
        return self._page("terms", order_minutes=str(self.settings.order_minutes))

    def gdpr(self) -> HTMLResponse:
        """A person's rights, and how to use them."""
        return self._page("gdpr", export_days=str(EXPORT_KEPT.days))

    def private_page(
        self, title: str, main: str, status: int, *, path: str = "", headers: Mapping[str, str] | None = None
    ) -> HTMLResponse:
        """A page for one visitor: stored by no cache, found by no search engine. It may bring headers of its own."""
        own = {**_HEADERS, "Cache-Control": "no-store", "X-Robots-Tag": "noindex", **(headers or {})}
        return self._whole(f"{escape(title)} · Aula", "", path, main, status, own)

    def login_button(self) -> str:
        """A link to the app's login."""
        label = escape(LABELS[self.language]["log_in"])
        return (
            f'<div class="actions"><a class="button primary" href="{escape(self._app_url("/login"))}">{label}</a></div>'
        )

    def _page(self, name: PageName, **values: str) -> HTMLResponse:
        main = _PAGES[self.language, name].substitute(self._common() | values)
        title, description = TITLES[self.language][name], DESCRIPTIONS[self.language][name]
        return self._whole(title, description, "" if name == "home" else f"/{name}", main, 200, _HEADERS)

    def _whole(
        self, title: str, description: str, path: str, main: str, status: int, headers: Mapping[str, str]
    ) -> HTMLResponse:
        other: Language = "sv" if self.language == "en" else "en"
        page = _LAYOUT.substitute(
            self._common(),
            **LABELS[self.language],
            lang=self.language,
            title=title,
            description=description,
            canonical=self._address(self.language, path),
            swedish=self._address("sv", path),
            english=self._address("en", path),
            version=_STYLE_VERSION,
            home=_PREFIXES[self.language] or "/",
            prefix=_PREFIXES[self.language],
            other=(_PREFIXES[other] + path) or "/",
            other_lang=other,
            controller=escape(", ".join(self._controller())),
            main=main,
        )
        return HTMLResponse(page, status, {**headers, "Content-Language": self.language})

    def _common(self) -> dict[str, str]:
        return {
            "login": escape(self._app_url("/login")),
            "email": escape(self.settings.controller_email),
            "controller_address": escape("\n".join(self._controller())),
        }

    def _controller(self) -> list[str]:
        return [part.strip() for part in self.settings.controller.split(",")]

    def _address(self, language: Language, path: str) -> str:
        return escape(f"{self.settings.public_url}{(_PREFIXES[language] + path) or '/'}")

    def _app_url(self, path: str) -> str:
        return f"{self.settings.app_url or '/app'}{path}"

    def _cards(self, cards: Sequence[str], empty: str) -> str:
        if not cards:
            return f'<p class="empty">{escape(LABELS[self.language][empty])}</p>'
        return '<ul class="grid">' + "".join(f'<li class="card">{card}</li>' for card in cards) + "</ul>"

    def _course(self, course: Course) -> str:
        link = self._link(f"/courses/{course.id}", course.title)
        price = self._price(course.price_amount, course.currency)
        return f'<h3>{link}</h3><p>{escape(course.summary)}</p><p class="fact">{price}</p>'

    def _seminar(self, seminar: Seminar) -> str:
        link = self._link(f"/seminars/{seminar.id}", seminar.title)
        price = self._price(seminar.price_amount, seminar.currency)
        at = escape(moment(seminar.starts_at, self.language))
        when = f'<time datetime="{seminar.starts_at.isoformat()}">{at}</time>'
        return f'{when}<h3>{link}</h3><p class="fact">{price}</p>'

    def _link(self, path: str, title: str) -> str:
        return f'<a href="{escape(self._app_url(path))}">{escape(title)}</a>'

    def _price(self, amount: int, currency: str) -> str:
        return escape(money(amount, currency, self.language) if amount else LABELS[self.language]["free"])

    def _apps(self) -> str:
        """The stores that have the app; none until the settings name them."""
        stores = {"App Store": self.settings.app_store_url, "Google Play": self.settings.play_store_url}
        buttons = "".join(
            f'<a class="button" href="{escape(address)}">{store}</a>' for store, address in stores.items() if address
        )
        if not buttons:
            return ""
        title = escape(LABELS[self.language]["apps"])
        return (
            f'<section aria-labelledby="apps"><h2 id="apps">{title}</h2><div class="actions">{buttons}</div></section>'
        )


def asset(name: AssetName) -> Response:
    """A style sheet or picture of the site."""
    return Response(_ASSETS[name], media_type=_MEDIA_TYPES[name.rpartition(".")[2]], headers=_ASSET_HEADERS)
