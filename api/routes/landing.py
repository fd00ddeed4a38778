"""Static pages of `landing/`."""

from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import FileResponse

_PAGES: Final = Path(__file__).parents[2] / "landing"

router = APIRouter(include_in_schema=False)


@router.get("/thanks")
def thanks() -> FileResponse:
    """The page that Stripe sends the buyer to after a payment. It does not show the order."""
    return FileResponse(_PAGES / "thanks.html", media_type="text/html")
