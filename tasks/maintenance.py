"""Maintenance."""

from datetime import timedelta

from sqlalchemy.orm import Session

from core.audit.anchors import stored_evidence
from core.clock import utc_now
from core.maintenance.check import Scope, recent
from core.maintenance.check import check as check_invariants
from core.maintenance.prune import prune as prune_tables
from core.messages import CheckInvariants, Prune
from core.outcomes import Outcome
from core.wiring.anchors import trusted_anchor_keys
from tasks import runtime
from tasks.decorators import each_task


@each_task(CheckInvariants)
def check(session: Session, message: CheckInvariants) -> Outcome:
    """Look for what must never be."""
    return check_invariants(session, _scope(whole=message.whole))


@each_task(Prune)
def prune(session: Session, _message: Prune) -> Outcome:
    """Delete what has outlived its use."""
    return prune_tables(session, utc_now(), runtime.config())


def _scope(*, whole: bool) -> Scope:
    config, now = runtime.config(), utc_now()
    mails_since, trusted = now - timedelta(days=config.mail_retention_days), trusted_anchor_keys(config)
    if not whole:
        return recent(now, mails_since, trusted)
    return Scope(mails_since=mails_since, outside=stored_evidence(runtime.anchors(), trusted))
