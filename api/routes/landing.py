"""Pages for people that need no application: files of `landing/`, served as they are."""

from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import FileResponse

_PAGES: Final = Path(__file__).parents[2] / "landing"

router = APIRouter(include_in_schema=False)


@router.get("/thanks")
def thanks() -> FileResponse:
    """Where Stripe sends the buyer afterwards; it knows nothing of the order, which is the buyer's to look at."""
    return FileResponse(_PAGES / "thanks.html", media_type="text/html")
