"""Run jobs by their real tasks, in this process."""

from collections.abc import Mapping
from typing import Any, Final

from celery import Task
from sqlalchemy.orm import Session, sessionmaker

from core.jobs.batch import Batch
from tasks import enrollments, mail, orders, payments, privacy, refunds, seminars, webhooks
from tests.support.jobs import claim_all

_TASKS: Final[Mapping[str, Task[..., Any]]] = {
    task.name: task
    for task in (
        enrollments.grant,
        enrollments.revoke,
        mail.send,
        orders.expire,
        orders.fulfil,
        payments.ask_checkout,
        payments.close_checkout,
        payments.derive,
        payments.reconcile,
        privacy.export,
        privacy.redact,
        privacy.redact_late,
        refunds.return_item,
        seminars.advance,
        seminars.align,
        seminars.cancel,
        seminars.close,
        seminars.confirm,
        seminars.mute,
        seminars.provision,
        seminars.read_room,
        seminars.release,
        seminars.tend,
        webhooks.process,
    )
}

ROOM_KINDS: Final = ("seminars.align", "seminars.mute", "seminars.read_room")
SEAT_KINDS: Final = ("refunds.return_item", "seminars.cancel", "seminars.confirm", "seminars.release", "seminars.tend")


def run_task(kind: str, batch: Batch) -> None:
    """Run one batch by its real task."""
    _TASKS[kind].run(batch.to_wire())


def run_due(sessions: sessionmaker[Session]) -> None:
    """Run every job that is due, and those that follow."""
    while batches := claim_all(sessions):
        for batch in batches:
            run_task(batch.kind, batch)
