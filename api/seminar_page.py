"""The page of a live seminar: `landing/seminar/`, filled in. Its scripts ask this API, and join by livekit-client."""

from collections.abc import Mapping
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from typing import Final, Literal
from uuid import UUID

import orjson
from fastapi.responses import HTMLResponse, Response

from api.seminar_phrases import PAGE, SPOKEN
from api.site import Site
from core.problems import NotFound
from core.seminars.steps import DOORS

SeminarAsset = Literal[
    "actions.js",
    "api.js",
    "chat.js",
    "controls.js",
    "devices.js",
    "dom.js",
    "entrance.js",
    "livekit-client.js",
    "main.js",
    "people.js",
    "phrases.js",
    "room.js",
    "seminar.css",
    "tiles.js",
]

_FOLDER: Final = Path(__file__).parents[1] / "landing" / "seminar"
_PAGE: Final = Template((_FOLDER / "page.html").read_text(encoding="utf-8"))
_ASSETS: Final[Mapping[str, bytes]] = {
    path.name: path.read_bytes() for path in sorted(_FOLDER.iterdir()) if path.suffix in {".js", ".css"}
}
# scripts/live_client.py fetches it.
LIVE_CLIENT: Final = _FOLDER.parent / "vendor" / "livekit-client.js"
# It is in the assets' path, so that modules of two versions never meet.
VERSION: Final = sha256(
    b"".join(_ASSETS.values()) + (LIVE_CLIENT.read_bytes() if LIVE_CLIENT.is_file() else b"")
).hexdigest()[:12]
_MEDIA_TYPES: Final = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
_ASSET_HEADERS: Final = {"Cache-Control": "public, max-age=86400", "Content-Security-Policy": "default-src 'none'"}


def seminar_page(site: Site, seminar_id: UUID) -> HTMLResponse:
    """The page of a seminar. It is the same for every seminar: what one may know, its scripts ask for."""
    phrases = PAGE[site.language]
    main = _PAGE.substitute(
        {name: escape(text) for name, text in phrases.items()},
        version=VERSION,
        seminar=str(seminar_id),
        doors=str(int(DOORS.total_seconds() // 60)),
        spoken=escape(orjson.dumps(SPOKEN[site.language]).decode()),
        installed="yes" if LIVE_CLIENT.is_file() else "no",
    )
    headers = _headers(site.settings.livekit_url)
    return site.private_page(phrases["title"], main, 200, path=f"/seminar/{seminar_id}", headers=headers)


def seminar_asset(name: SeminarAsset) -> Response:
    """A script or style sheet of the page. Raises NotFound if livekit-client is not installed."""
    content = _live_client() if name == "livekit-client.js" else _ASSETS[name]
    return Response(content, media_type=_MEDIA_TYPES[name.rpartition(".")[2]], headers=_ASSET_HEADERS)


def _live_client() -> bytes:
    try:
        return LIVE_CLIENT.read_bytes()
    except FileNotFoundError:
        raise NotFound("livekit-client is not installed; scripts/live_client.py fetches it.") from None


def _headers(livekit_url: str) -> Mapping[str, str]:
    """The scripts reach this server and LiveKit, whose client also asks by HTTP why it was refused."""
    by_http = "http" + livekit_url.removeprefix("ws")
    return {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self' blob:; "
            f"connect-src 'self' {livekit_url} {by_http}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        ),
        "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self)",
    }
