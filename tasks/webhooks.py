"""Webhook events."""

from core.clock import utc_now
from core.jobs.batch import Batch
from core.messages import FetchObject, ProcessWebhook, SweepEvents
from core.webhooks.fetch import Fetch, record_fetch
from core.webhooks.process import apply_batch, apply_one_by_one
from core.webhooks.sweep import Sweep, plan_sweep, record_sweep
from core.wiring.handlers import EVENT_HANDLERS
from db.statements import Statements
from tasks import runtime
from tasks.decorators import external_task, statement_task
from tasks.external import ExternalCall


@statement_task(ProcessWebhook)
def process(statements: Statements, batch: Batch) -> None:
    """Turn stored events into what they mean."""
    if apply_batch(statements, batch, EVENT_HANDLERS, runtime.origin()):
        with runtime.sessions().begin() as session:
            apply_one_by_one(session, batch, EVENT_HANDLERS, runtime.origin())


def _fetch(fetch: Fetch) -> None:
    fetch.ask(runtime.payments(), runtime.books())


def _sweep(sweep: Sweep) -> None:
    sweep.read(runtime.books())


fetch = external_task(
    FetchObject,
    ExternalCall(
        prepare=lambda _session, message: Fetch(message.object_kind, message.object_id),
        call=_fetch,
        finish=lambda session, fetched: record_fetch(session, fetched, utc_now(), livemode=runtime.origin().livemode),
    ),
)

sweep = external_task(
    SweepEvents,
    ExternalCall(
        prepare=lambda session, _message: plan_sweep(session, utc_now()),
        call=_sweep,
        finish=record_sweep,
    ),
)
