"""Turn stored events into what they mean: the paid ones as a set, the rarer ones one by one."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Uuid, cast, func, select, update
from sqlalchemy.orm import Session

from core.ledger.batch import Batch
from core.ledger.work import complete, take
from core.messages import ProcessWebhook
from core.orders.states import STEPS, sources
from core.webhooks.delayed import apply_delayed
from db.models import Job, WebhookAttempt, WebhookEvent
from db.statements import Statements

_STATUSES = {step.source for step in STEPS} | {step.target for step in STEPS}
_PAYABLE = sources("paid")


def _array(values: Sequence[str]) -> str:
    return "{" + ",".join(sorted(values)) + "}"


_RULES = {
    "payable": _array(_PAYABLE),
    "settled": _array([*_STATUSES.difference(_PAYABLE, {"cancelled"})]),
    "reviewable": _array(sources("review")),
}


def process_sets(statements: Statements, batch: Batch, *, livemode: bool) -> int:
    """Process a batch of events as far as sets go; returns how many are left for `process_rest`.

    Each ends processed or ignored, with its outcome in words, and its job with it, in one statement.
    """
    left = len(batch)
    while left:
        params = {**batch.sql(), **_RULES, "livemode": livemode}
        ((now_left, _),) = statements.run("webhooks_process", params)
        if now_left == left:
            break
        left = now_left
    return left


def process_rest(session: Session, batch: Batch, *, livemode: bool) -> None:
    """Process what sets could not, one by one; as above."""
    # Asked before an event is touched: a query writes what was changed so far, and half a change is refused.
    now = session.scalar(select(func.now()))
    for job in take(session, batch):
        message = ProcessWebhook.read(job.payload)
        event = session.scalars(select(WebhookEvent).where(WebhookEvent.id == message.event_id).with_for_update()).one()
        event.state, event.outcome = apply_delayed(session, event, livemode=livemode)
        event.processed_at = now
        session.flush()
        complete(session, batch.alone(job.id), {job.id: None})


def bury(session: Session, job_ids: Sequence[UUID]) -> None:
    """The processing of these events is given up: they are dead until an operator replays them."""
    given_up = session.execute(
        select(cast(Job.payload["event_id"].astext, Uuid), Job.last_error).where(Job.id.in_(job_ids))
    ).all()
    session.add_all(WebhookAttempt(webhook_event_id=event_id, error=error or "") for event_id, error in given_up)
    session.execute(
        update(WebhookEvent)
        .where(WebhookEvent.id.in_([event_id for event_id, _ in given_up]), WebhookEvent.state == "received")
        .values(state="dead", outcome="given up", processed_at=func.now())
    )
