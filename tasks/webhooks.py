"""Webhook events."""

from core.jobs.batch import Batch
from core.messages import ProcessWebhook
from core.webhooks.process import apply_batch, apply_one_by_one
from core.wiring import EVENT_HANDLERS
from db.statements import Statements
from tasks import runtime
from tasks.decorators import statement_task


@statement_task(ProcessWebhook)
def process(statements: Statements, batch: Batch) -> None:
    """Turn stored events into what they mean."""
    livemode = runtime.config().stripe_livemode
    if apply_batch(statements, batch, EVENT_HANDLERS, livemode=livemode):
        with runtime.sessions().begin() as session:
            apply_one_by_one(session, batch, EVENT_HANDLERS, livemode=livemode)
