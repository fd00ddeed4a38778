"""Disputes: retrieve, list, submit evidence, accept."""

from emulators.stripe.dispute_object import EVIDENCE
from emulators.stripe.dispute_results import OPEN_STATES, lose_dispute, submit_evidence
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError, no_such
from emulators.stripe.events import change
from emulators.stripe.json_types import Json
from emulators.stripe.pagination import LIST_PARAMS, list_page
from emulators.stripe.schema import boolean, check_params, fields, list_of, merge_metadata, metadata, optional, text

_UPDATE = {
    "evidence": fields(dict.fromkeys(EVIDENCE, optional(text(20_000)))),
    "metadata": metadata,
    "submit": boolean,
    "expand": list_of(text()),
}


def find_dispute(call: Call) -> Json:
    """The dispute of the path."""
    found = call.store.find("dispute", call.path["id"])
    if found is None:
        raise no_such("dispute", call.path["id"])
    return found


def retrieve_dispute(call: Call) -> Json:
    """GET /v1/disputes/{id}."""
    check_params(call.params, {"expand": list_of(text())})
    return find_dispute(call)


def list_disputes(call: Call) -> Json:
    """GET /v1/disputes, by charge and payment intent."""
    params = check_params(call.params, {**LIST_PARAMS, "charge": text(), "payment_intent": text()})
    return list_page(call.store, "dispute", params, "/v1/disputes", equal=("charge", "payment_intent"))


def update_dispute(call: Call) -> Json:
    """POST /v1/disputes/{id}: evidence is submitted to the bank unless `submit` is false."""
    params = check_params(call.params, _UPDATE)
    dispute = find_dispute(call)
    if "metadata" in params:
        changes = {"metadata": merge_metadata(dispute["metadata"], params["metadata"])}
        kinds = () if "evidence" in params else ("charge.dispute.updated",)
        dispute = change(call, dispute, changes, *kinds)
    if "evidence" not in params and not params.get("submit"):
        return dispute
    if dispute["status"] not in ("needs_response", "warning_needs_response"):
        raise ApiError(f"Evidence cannot be submitted: the dispute's status is {dispute['status']}.", param="evidence")
    evidence = {**dispute["evidence"], **params.get("evidence", {})}
    if params.get("submit", True):
        return submit_evidence(call, dispute, evidence)
    details = {**dispute["evidence_details"], "has_evidence": True}
    return change(call, dispute, {"evidence": evidence, "evidence_details": details}, "charge.dispute.updated")


def close_dispute(call: Call) -> Json:
    """POST /v1/disputes/{id}/close: accept the dispute as lost."""
    check_params(call.params, {"expand": list_of(text())})
    return lose_dispute(call, find_dispute(call))


def has_open_or_lost_dispute(call: Call, charge_id: str) -> bool:
    """Whether a charge's money was taken back, so that it cannot be refunded."""
    dispute = call.store.find_by("dispute", "charge", charge_id)
    return dispute is not None and dispute["status"] in (*OPEN_STATES, "lost")
