"""Identity verification sessions: create, cancel, redact. No document is checked."""

from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError
from emulators.stripe.events import change
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.resources import EXPAND, Resource
from emulators.stripe.schema import boolean, check_params, choice, fields, metadata, text, url

VERIFICATION_SESSIONS = Resource(
    "identity.verification_session",
    "/v1/identity/verification_sessions",
    "vs",
    filters={"status": choice("canceled", "processing", "requires_input", "verified")},
)
_DOCUMENT = fields(dict.fromkeys(("require_id_number", "require_live_capture", "require_matching_selfie"), boolean))
_CREATE = {
    "client_reference_id": text(),
    "metadata": metadata,
    "options": fields({"document": _DOCUMENT}),
    "return_url": url,
    "type": choice("document", "id_number"),
    **EXPAND,
}


def create_session(call: Call) -> Json:
    """POST /v1/identity/verification_sessions."""
    params = check_params(call.params, _CREATE)
    params.pop("expand", None)
    params.pop("return_url", None)
    session_id = new_id("vs")
    defaults: Json = {
        **dict.fromkeys(("client_reference_id", "last_error", "last_verification_report", "redaction")),
        "id": session_id,
        "client_secret": new_id("vs_secret", 25),
        "options": {},
        "status": "requires_input",
        "type": "document",
        "url": f"{call.emulator.config.public_url}/verify/{session_id}",
    }
    return VERIFICATION_SESSIONS.create(call, {**defaults, **params})


def cancel(call: Call) -> Json:
    """POST /v1/identity/verification_sessions/{id}/cancel."""
    session = _find(call, "canceled", ("requires_input",))
    return change(call, session, {"status": "canceled", "url": None}, "identity.verification_session.canceled")


def redact(call: Call) -> Json:
    """POST /v1/identity/verification_sessions/{id}/redact: delete what was collected."""
    session = _find(call, "redacted", ("canceled", "requires_input", "verified"))
    changes: Json = {"redaction": {"status": "redacted"}, "status": "canceled", "url": None}
    return change(call, session, changes, "identity.verification_session.redacted")


def _find(call: Call, action: str, allowed: tuple[str, ...]) -> Json:
    check_params(call.params, EXPAND)
    session = VERIFICATION_SESSIONS.find(call, call.path["id"])
    if session["status"] not in allowed:
        raise ApiError(f"This VerificationSession cannot be {action}: its status is {session['status']}.")
    return session
