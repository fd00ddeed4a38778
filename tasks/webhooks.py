"""Webhook events."""

from core.jobs.batch import Batch
from core.messages import FetchWebhook, ProcessWebhook
from core.webhooks.fetch import FetchedEvent, prepare_fetch, store_fetched
from core.webhooks.process import apply_batch, apply_one_by_one
from core.wiring import EVENT_HANDLERS
from db.statements import Statements
from tasks import runtime
from tasks.decorators import external_task, statement_task
from tasks.external import ExternalCall


@statement_task(ProcessWebhook)
def process(statements: Statements, batch: Batch) -> None:
    """Turn stored events into what they mean."""
    livemode = runtime.config().stripe_livemode
    if apply_batch(statements, batch, EVENT_HANDLERS, livemode=livemode):
        with runtime.sessions().begin() as session:
            apply_one_by_one(session, batch, EVENT_HANDLERS, livemode=livemode)


def _call(fetched: FetchedEvent) -> None:
    fetched.fetch(runtime.payments())


fetch = external_task(FetchWebhook, ExternalCall(prepare=prepare_fetch, call=_call, finish=store_fetched))
