"""The API's document, as a page that needs nothing from elsewhere. Swagger UI's files come from a Python package."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

DocsAsset = Literal["swagger-ui-bundle.js", "swagger-ui.css", "docs.js", "docs.css"]

_LANDING: Final = Path(__file__).parents[2] / "landing"
_SWAGGER_UI: Final = files("fastapi_offline") / "static"
_PAGE: Final = (_LANDING / "docs.html").read_text(encoding="utf-8")
_ASSETS: Final[Mapping[DocsAsset, bytes]] = {
    "swagger-ui-bundle.js": (_SWAGGER_UI / "swagger-ui-bundle.js").read_bytes(),
    "swagger-ui.css": (_SWAGGER_UI / "swagger-ui.css").read_bytes(),
    "docs.js": (_LANDING / "docs.js").read_bytes(),
    "docs.css": (_LANDING / "docs.css").read_bytes(),
}
_MEDIA_TYPES: Final = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
_HEADERS: Final = {
    # Swagger UI writes style attributes, and has its icons as data.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
_ASSET_HEADERS: Final = {"Cache-Control": "public, max-age=86400", "Content-Security-Policy": "default-src 'none'"}

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def get_docs() -> HTMLResponse:
    """The page."""
    return HTMLResponse(_PAGE, headers=_HEADERS)


@router.get("/docs/assets/{name}")
def get_docs_asset(name: DocsAsset) -> Response:
    """A script or style sheet of the page."""
    return Response(_ASSETS[name], media_type=_MEDIA_TYPES[name.rpartition(".")[2]], headers=_ASSET_HEADERS)
