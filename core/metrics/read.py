"""Read the numbers in one short, bounded transaction; finished rows are not scanned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.findings.kinds import Kind
from core.ids import first_id_at
from db.queries import query

# Rows that a count reads at most, for each kind or table. All alerts have lower thresholds.
MOST_ROWS: Final = 10_000
# What the gauges `aula_recent_…` look back on. Longer than two scrapes, so that none is missed.
RECENT: Final = timedelta(minutes=5)
# Milliseconds for each statement: a scrape must not become a burden while the database is slow.
_STATEMENT_TIMEOUT: Final = 3000


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a number means, and the names of its labels."""

    text: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """One number; `labels` are the values of its labels, in their order."""

    name: str
    labels: tuple[str, ...]
    value: float


_COUNT: Final = f"counted up to {MOST_ROWS}"
_WINDOW: Final = f"in the last {int(RECENT.total_seconds() / 60)} minutes, the newest {MOST_ROWS} at most"

GAUGES: Final[Mapping[str, Meaning]] = {
    "aula_jobs": Meaning(f"Jobs that are pending, dispatched or dead, by kind and state; {_COUNT}.", ("kind", "state")),
    "aula_jobs_waiting_for_gateway": Meaning("Pending jobs whose external service did not answer, by kind.", ("kind",)),
    "aula_oldest_due_job_seconds": Meaning(
        "Age of the oldest due job of each queue, without paused kinds.", ("queue",)
    ),
    "aula_relay_lag_seconds": Meaning("Age of the oldest due job that no limit and no pause holds back."),
    "aula_leases_overdue": Meaning(f"Dispatched jobs whose lease ran out and which no relay has rescued; {_COUNT}."),
    "aula_kind_paused": Meaning("1 where an operator has paused the kind.", ("kind",)),
    "aula_recent_jobs": Meaning(f"Jobs enqueued {_WINDOW}.", ("kind", "state")),
    "aula_recent_job_seconds": Meaning(
        f"Seconds from enqueued to succeeded, of the jobs enqueued {_WINDOW}; percentile 100 is the longest.",
        ("kind", "percentile"),
    ),
    "aula_recent_failed_attempts": Meaning(
        f"Failed attempts {_WINDOW}; reason is error, lease_ran_out or process_lost.", ("kind", "reason")
    ),
    "aula_recent_webhook_events": Meaning(f"Events stored {_WINDOW}, by their state now.", ("state",)),
    "aula_recent_mails": Meaning(f"Emails queued {_WINDOW}, by their state now.", ("state",)),
    "aula_webhook_events": Meaning(f"Events that are received or dead; {_COUNT}.", ("state",)),
    "aula_oldest_unprocessed_event_seconds": Meaning("Age of the oldest event that is not processed."),
    "aula_findings_open": Meaning("Open findings, by kind.", ("kind",)),
    "aula_mails": Meaning(f"Emails that are queued, being sent, or dead; {_COUNT}.", ("state",)),
    "aula_audit_unsealed": Meaning(f"Audit entries outside the chain; {_COUNT}."),
    "aula_audit_unsealed_seconds": Meaning("Age of the oldest audit entry outside the chain."),
    "aula_schedule_late_seconds": Meaning("How late each schedule's next job is; 0 until it is due.", ("schedule",)),
    "aula_relays": Meaning("Relays that listen to the database."),
    "aula_database_connections": Meaning("Connections of clients to the database's server."),
    "aula_database_connections_max": Meaning("Connections that the database's server allows."),
    "aula_database_bytes": Meaning("Size of the database on disk."),
}


def read(session: Session, now: datetime) -> Sequence[Sample]:
    """Every number of GAUGES that has a value; what it reads is bounded by MOST_ROWS."""
    session.execute(text(f"set local statement_timeout = {_STATEMENT_TIMEOUT}"))
    most = {"most": MOST_ROWS}
    rows = [
        *session.execute(query("metrics/unfinished"), most),
        *session.execute(query("metrics/recent"), {**most, "since": first_id_at(now - RECENT)}),
        *session.execute(query("metrics/waiting"), {**most, "finding_kinds": [kind.value for kind in Kind]}),
    ]
    return [Sample(row.name, tuple(row.labels), row.value) for row in rows]
