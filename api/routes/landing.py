"""The pages that Stripe sends buyers to. They are public and no part of the API's document."""

import re
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Header
from fastapi.responses import HTMLResponse

from api.deps import ClockDep, SessionDep, SettingsDep
from api.return_pages import Visit, language_of, left_page, thanks_page, unknown_page
from core.orders.returns import after_checkout, after_leaving

_SESSION_ID: Final = re.compile(r"[A-Za-z0-9_]{1,255}")
_COUNT: Final = re.compile(r"[0-9]{1,3}")

router = APIRouter(include_in_schema=False)


def get_visit(settings: SettingsDep, clock: ClockDep, accept_language: Annotated[str, Header()] = "") -> Visit:
    """The visitor's language, the time, and where links lead."""
    return Visit(language_of(accept_language), clock(), settings.app_url or "")


VisitDep = Annotated[Visit, Depends(get_visit)]


# The parameters are plain texts: a wrong one is answered with a page for people, not with a problem in JSON.
@router.get("/thanks")
def thanks(session: SessionDep, visit: VisitDep, session_id: str = "", seen: str = "") -> HTMLResponse:
    """What happened to the order of a checkout; `seen` counts how often the page has refreshed itself."""
    known = _SESSION_ID.fullmatch(session_id)
    found = after_checkout(session, session_id, now=visit.now) if known else None
    count = int(seen) if _COUNT.fullmatch(seen) else 0
    return thanks_page(visit, found, session_id, count) if found else unknown_page(visit)


@router.get("/cancelled")
def cancelled(session: SessionDep, visit: VisitDep, order: str = "") -> HTMLResponse:
    """Nothing was paid, and how to go on; or what happened to the order meanwhile."""
    order_id = _uuid(order)
    found = after_leaving(session, order_id, now=visit.now) if order_id else None
    return left_page(visit, found) if found else unknown_page(visit)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
