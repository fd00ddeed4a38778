import hmac
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request

from api.app_state import app_state_of
from api.deps import SettingsDep
from core.problems import NotFound, Unauthorized

router = APIRouter(tags=["health"])

_bearer: Final = HTTPBearer(auto_error=False, scheme_name="metrics_token", description="`AULA_METRICS_TOKEN`.")


def check_token(
    settings: SettingsDep, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> None:
    """Check the token in constant time. Raises NotFound where none is configured, else Unauthorized."""
    if settings.metrics_token is None:
        raise NotFound("AULA_METRICS_TOKEN is not set, so there are no metrics.")
    given = bearer.credentials if bearer else ""
    if not hmac.compare_digest(given.encode(), settings.metrics_token.get_secret_value().encode()):
        raise Unauthorized("Send the metrics token: `Authorization: Bearer …`.")


@router.get("/metrics", include_in_schema=False, dependencies=[Depends(check_token)])
def metrics(request: Request) -> Response:
    """Numbers of this process and of the database, in Prometheus's text format, for the holder of the metrics token."""
    return Response(app_state_of(request).scraper.text(), media_type=CONTENT_TYPE_LATEST)
