"""Webhook events."""

from sqlalchemy.orm import Session

from core.ledger.batch import Batch
from core.messages import ProcessWebhook
from core.webhooks.process import process as process_events
from tasks import runtime
from tasks.base import batch_task


@batch_task(ProcessWebhook)
def process(session: Session, batch: Batch) -> None:
    """Turn stored events into what they mean."""
    process_events(session, batch, livemode=runtime.config().stripe_livemode)
