from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from api.deps import SessionDep, SessionsDep, SettingsDep
from api.pages import Page, page_of
from api.schemas.admin.audit import AuditEntryOut, AuditQuery, ExportQuery, VerificationOut
from core.audit.anchors import stored_evidence
from core.audit.verify import verify
from core.console.audit import entries, export
from core.wiring.anchors import anchor_store, trusted_anchor_keys

router = APIRouter(prefix="/audit")


@router.get("", operation_id="admin.audit.list")
def list_audit_entries(session: SessionDep, query: Annotated[AuditQuery, Query()]) -> Page[AuditEntryOut]:
    """Entries of the audit log, the newest first."""
    return page_of(entries(session, query, query.page), AuditEntryOut.model_validate)


@router.get("/export", response_class=StreamingResponse, operation_id="admin.audit.export")
def export_audit_entries(sessions: SessionsDep, query: Annotated[ExportQuery, Query()]) -> StreamingResponse:
    """Entries of the audit log as JSON lines, the oldest first."""
    lines = export(sessions, query, query.limit, query.after)
    return StreamingResponse(lines, media_type="application/jsonl")


@router.get("/verification", operation_id="admin.audit.verify")
def verify_audit_log(session: SessionDep, settings: SettingsDep) -> VerificationOut:
    """Recompute the hash chain over all sealed entries, and compare it with the anchors of the folder."""
    outside = stored_evidence(anchor_store(settings), trusted_anchor_keys(settings))
    return VerificationOut.model_validate(verify(session, outside))
