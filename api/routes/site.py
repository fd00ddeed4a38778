"""The public site, in Swedish and, under `/en`, in English. It is for people, and no part of the API's document."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from api.deps import ClockDep, SessionDep, SettingsDep
from api.site import AssetName, Site, asset
from core.courses.queries import published_courses
from core.paging import PageRequest
from core.seminars.queries import coming_seminars

# Cards of each kind on the first page.
_SHOWN: Final = 6

router = APIRouter(include_in_schema=False)


def get_site(request: Request, settings: SettingsDep) -> Site:
    """The site in the language of the path."""
    return Site("en" if request.url.path.split("/")[1] == "en" else "sv", settings)


SiteDep = Annotated[Site, Depends(get_site)]


@router.get("/")
@router.get("/en")
def home(site: SiteDep, session: SessionDep, clock: ClockDep) -> HTMLResponse:
    """The newest courses and the next seminars."""
    courses = published_courses(session, PageRequest(_SHOWN, None)).items
    return site.home(courses, coming_seminars(session, clock(), PageRequest(_SHOWN, None)).items)


@router.get("/privacy")
@router.get("/en/privacy")
def privacy(site: SiteDep) -> HTMLResponse:
    """What is kept about a person, why, and for how long."""
    return site.privacy()


@router.get("/terms")
@router.get("/en/terms")
def terms(site: SiteDep) -> HTMLResponse:
    """What applies to a purchase."""
    return site.terms()


@router.get("/gdpr")
@router.get("/en/gdpr")
def gdpr(site: SiteDep) -> HTMLResponse:
    """A person's rights, and how to use them."""
    return site.gdpr()


@router.get("/assets/{name}")
def get_asset(name: AssetName) -> Response:
    """A style sheet or picture of the site."""
    return asset(name)
