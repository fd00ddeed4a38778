"""`/app`: the address of the app on the public site. It leads to the process that serves the app."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api.deps import SettingsDep
from core.problems import NotFound

router = APIRouter(include_in_schema=False)


@router.get("/app")
@router.get("/app/{path:path}")
def app(request: Request, settings: SettingsDep, path: str = "") -> Response:
    """Lead on to AULA_APP_URL. Where that is this address, a proxy should have sent the request there."""
    if not settings.app_url or settings.app_url == f"{settings.public_url}/app":
        raise NotFound("The app is not served by this process; AULA_APP_URL and docs/client.md say where it is.")
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{settings.app_url}/{path}".rstrip("/") + query, 307)
