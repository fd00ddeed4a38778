"""Whether the audit log is anchored outside the database."""

import os

from core.audit.anchors import stored_evidence
from core.settings import Settings
from core.wiring.anchors import anchor_store, trusted_anchor_keys
from scripts.aula.doctor.checks import Checks, fault, ok, warning


def check_audit(settings: Settings) -> Checks:
    """The key, and the anchors that are kept outside."""
    if settings.audit_key is None:
        said = "AULA_AUDIT_KEY is not set: who can write the database can change the audit log unseen"
        yield warning(
            "audit", "anchors", said, "Set it to the output of `openssl rand -hex 32`, and AULA_AUDIT_ANCHORS."
        )
        return
    if settings.audit_anchors is None:
        yield ok("audit", "anchors", "one a day is mailed to AULA_OPERATOR_EMAIL")
        return
    outside = stored_evidence(anchor_store(settings), trusted_anchor_keys(settings))
    if outside.fault:
        yield fault("audit", "anchors", outside.fault, "Compare AULA_AUDIT_ANCHORS on all hosts.")
    elif not os.access(settings.audit_anchors, os.W_OK):
        said = f"{settings.audit_anchors} cannot be written here"
        yield warning("audit", "anchors", said, "Let workers write to the folder; other hosts need only read it.")
    elif outside.anchors:
        newest = outside.anchors[-1]
        said = f"{newest.number}, the newest of {newest.at:%Y-%m-%d %H:%M} UTC, with {newest.entries} entries"
        yield ok("audit", "anchors", said)
    else:
        yield ok("audit", "anchors", "none yet; the first one comes within an hour")
