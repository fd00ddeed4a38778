"""The schedules as data, and the tick that enqueues those that are due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import orjson
from sqlalchemy.orm import Session

from core.messages import (
    MESSAGES,
    AdvanceSeminars,
    AnchorAudit,
    CheckInvariants,
    CompareBooks,
    ExpireOrders,
    GrantGifts,
    Message,
    Prune,
    ReconcilePayments,
    RedactLateEvents,
    ReportFindings,
    SealAudit,
    SweepEvents,
    TendSeats,
)
from db.queries import query


@dataclass(frozen=True, slots=True)
class Schedule:
    """A message that is enqueued once in each interval `every`, if there is work.

    `has_work` names a statement that tells whether there is, by an index; without one, there always is.
    """

    name: str
    message: Message
    every: timedelta
    has_work: str | None = None


SCHEDULES: Final = (
    Schedule("audit-seal", SealAudit(), timedelta(seconds=2), "audit/has_unsealed"),
    Schedule("audit-anchor", AnchorAudit(), timedelta(hours=1), "audit/has_unanchored"),
    Schedule("orders-expire", ExpireOrders(), timedelta(minutes=1)),
    Schedule("enrollments-grant-gifts", GrantGifts(), timedelta(minutes=1), "enrollments/has_due_gifts"),
    Schedule("seminars-tend", TendSeats(), timedelta(minutes=1), "seminars/has_untended"),
    Schedule("seminars-advance", AdvanceSeminars(), timedelta(minutes=1), "seminars/has_due"),
    Schedule("findings-report", ReportFindings(), timedelta(minutes=1), "findings/has_unreported"),
    Schedule("payments-reconcile", ReconcilePayments(), timedelta(minutes=5)),
    Schedule("privacy-redact-late", RedactLateEvents(), timedelta(days=1)),
    Schedule("webhooks-sweep", SweepEvents(), timedelta(minutes=15)),
    Schedule("payments-compare", CompareBooks(), timedelta(days=1)),
    Schedule("maintenance-check", CheckInvariants(), timedelta(minutes=5)),
    Schedule("maintenance-check-whole", CheckInvariants(whole=True), timedelta(days=1)),
    Schedule("maintenance-prune", Prune(), timedelta(hours=1)),
)

# The kinds of housekeeping: those that a schedule enqueues.
SCHEDULED: Final = frozenset(schedule.message.kind for schedule in SCHEDULES)


def install(session: Session) -> None:
    """Write the kinds and schedules of this release to the database; repeating it changes nothing.

    Limits and pauses of kinds that are there already stay as an operator has set them.
    """
    kinds = [
        {"kind": m.kind, "queue": m.queue, "max_running": m.max_running, "max_per_key": m.max_per_key}
        for m in MESSAGES.values()
    ]
    session.execute(query("jobs/install_kinds"), {"kinds": orjson.dumps(kinds).decode()})
    rows = [
        {
            "name": schedule.name,
            "kind": schedule.message.kind,
            "payload": schedule.message.payload(),
            "every": int(schedule.every.total_seconds()),
        }
        for schedule in SCHEDULES
    ]
    session.execute(query("jobs/install_schedules"), {"schedules": orjson.dumps(rows).decode()})


def tick(session: Session) -> Sequence[str]:
    """Enqueue one job for each of this release's schedules that is due and has work, and return their kinds.

    Any number of callers may tick: a tick is unique by schedule and due time. Missed ticks are made up for by one.
    """
    names = session.scalars(query("jobs/due_schedules"), {"names": [schedule.name for schedule in SCHEDULES]}).all()
    if not names:
        return []
    idle = [schedule.name for schedule in SCHEDULES if schedule.name in names and not _has_work(session, schedule)]
    return session.scalars(query("jobs/tick"), {"names": names, "idle": idle}).all()


def _has_work(session: Session, schedule: Schedule) -> bool:
    return schedule.has_work is None or bool(session.scalar(query(schedule.has_work)))
