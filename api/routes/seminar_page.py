"""The page of a live seminar, in Swedish and, under `/en`, in English. It is for people, and no part of the API."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from api.routes.site import SiteDep
from api.seminar_page import SeminarAsset, seminar_asset, seminar_page

router = APIRouter(include_in_schema=False)


@router.get("/seminar/{seminar_id}")
@router.get("/en/seminar/{seminar_id}")
def get_page(seminar_id: UUID, site: SiteDep) -> HTMLResponse:
    """Where a person joins the seminar."""
    return seminar_page(site, seminar_id)


@router.get("/seminar/assets/{version}/{name}")
def get_page_asset(version: str, name: SeminarAsset) -> Response:  # noqa: ARG001 - only browsers' caches use it
    """A script or style sheet of the page."""
    return seminar_asset(name)
