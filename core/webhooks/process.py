"""Turn stored events into what they mean: the paid ones as a set, the rarer ones one by one."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Uuid, cast, func, select, update
from sqlalchemy.orm import Session

from core.jobs.batch import Batch
from core.jobs.work import complete, take
from core.messages import ProcessWebhook
from core.orders.states import STEPS, allowed_from
from core.payments.apply_unpaid import apply_delayed
from db.models import Job, WebhookAttempt, WebhookEvent
from db.statements import Statements

_STATES = {step.source for step in STEPS} | {step.target for step in STEPS}
_PAYABLE = allowed_from("paid")


def _array(values: Sequence[str]) -> str:
    return "{" + ",".join(sorted(values)) + "}"


_RULES = {
    "payable": _array(_PAYABLE),
    "already_paid": _array([*_STATES.difference(_PAYABLE, {"cancelled"})]),
    "reviewable": _array(allowed_from("review")),
}


def apply_batch(statements: Statements, batch: Batch, *, livemode: bool) -> int:
    """Process a batch of events as far as sets go; returns how many are left for `apply_one`.

    Each ends processed or ignored, with its outcome in words, and its job with it, in one statement.
    """
    left = len(batch)
    while left:
        params = {**batch.sql(), **_RULES, "livemode": livemode}
        ((now_left, _),) = statements.run("payments/apply_paid", params)
        if now_left == left:
            break
        left = now_left
    return left


def apply_one(session: Session, batch: Batch, *, livemode: bool) -> None:
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


def on_dead(session: Session, job_ids: Sequence[UUID]) -> None:
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
