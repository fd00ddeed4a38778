"""Webhook events."""

from core.ledger.batch import Batch
from core.messages import ProcessWebhook
from core.webhooks.process import process_rest, process_sets
from db.statements import Statements
from tasks import runtime
from tasks.base import statement_task


@statement_task(ProcessWebhook)
def process(statements: Statements, batch: Batch) -> None:
    """Turn stored events into what they mean."""
    livemode = runtime.config().stripe_livemode
    if process_sets(statements, batch, livemode=livemode):
        with runtime.sessions().begin() as session:
            process_rest(session, batch, livemode=livemode)
