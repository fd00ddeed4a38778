"""What is kept about the caller, as an archive."""

from typing import Any, Final

from fastapi import APIRouter, Response

from api.deps import Caller, ClockDep, SessionDep, SessionsDep
from api.idempotency import Idempotency
from api.refusals import refuses
from api.schemas.exports import ExportOut
from core.privacy.export import ExportTooSoon, ask, download, export_of
from core.problems import NotFound

router = APIRouter(prefix="/me/export", tags=["me"])

_ZIP: Final = "application/zip"
_ARCHIVE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "A ZIP file of JSON files.", "content": {_ZIP: {"schema": {"type": "string"}}}}
}


@router.post("", status_code=202, response_model=ExportOut, operation_id="me.export")
@refuses(ExportTooSoon)
def ask_for_export(caller: Caller, session: SessionDep, idempotency: Idempotency, clock: ClockDep) -> Response:
    """Ask for an archive of everything that is kept about the caller. An email says when it is ready."""
    return idempotency(
        202, lambda: ExportOut.of(ask(session, caller.profile_id, clock())), location=lambda _export: "/me/export"
    )


@router.get("", operation_id="me.get_export")
@refuses(NotFound)
def get_export(caller: Caller, session: SessionDep) -> ExportOut:
    """The caller's archive: whether it is ready, and until when."""
    export = export_of(session, caller.profile_id)
    if export is None:
        raise NotFound("No archive was asked for; ask for one with `POST /me/export`.")
    return ExportOut.of(export)


@router.get("/archive", operation_id="me.download_export", response_class=Response, responses=_ARCHIVE)
@refuses(NotFound)
def download_export(caller: Caller, sessions: SessionsDep, clock: ClockDep) -> Response:
    """Download the archive. The log has an entry of it, so this read writes."""
    with sessions.begin() as session:
        archive = download(session, caller.profile_id, clock())
    name = f"aula-{clock():%Y-%m-%d}.zip"
    return Response(archive, media_type=_ZIP, headers={"Content-Disposition": f'attachment; filename="{name}"'})
