"""The audit log."""

from sqlalchemy.orm import Session

from core.audit.seal import seal as seal_entries
from core.clock import utc_now
from core.maintenance.anchor import AnchorPlan, finish, prepare
from core.messages import AnchorAudit, SealAudit
from core.outcomes import Outcome
from core.wiring.anchors import anchor_places
from tasks import runtime
from tasks.decorators import each_task, external_task
from tasks.external import ExternalCall


@each_task(SealAudit)
def seal(session: Session, _message: SealAudit) -> Outcome:
    """Chain what was written since the last seal."""
    return seal_entries(session)


def _store(plan: AnchorPlan) -> None:
    if store := runtime.anchors():
        store.put(plan.anchor.number, plan.anchor.line)
    if plan.email:
        runtime.mailer().send(plan.email)


anchor = external_task(
    AnchorAudit,
    ExternalCall(
        prepare=lambda session, _message: prepare(session, anchor_places(runtime.config()), utc_now()),
        call=_store,
        finish=lambda session, plan: finish(session, plan, utc_now()),
    ),
)
