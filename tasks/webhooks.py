"""Webhook events."""

from sqlalchemy.orm import Session

from core.ledger.batch import Batch
from core.messages import ProcessWebhook
from core.webhooks.process import process_rest, process_sets
from tasks import runtime
from tasks.base import statement_task


@statement_task(ProcessWebhook)
def process(session: Session, batch: Batch) -> None:
    """Turn stored events into what they mean."""
    livemode = runtime.config().stripe_livemode
    if process_sets(session, batch, livemode=livemode):
        with runtime.sessions().begin() as one_by_one:
            process_rest(one_by_one, batch, livemode=livemode)
