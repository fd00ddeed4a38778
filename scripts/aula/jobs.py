"""`aula jobs`: background jobs."""

from collections.abc import Callable, Sequence
from uuid import UUID

import typer

from api.schemas.admin.base import Action as GivenReason
from api.schemas.admin.jobs import AdminJobOut, JobWithAttemptsOut
from core.console.filters import JobFilter
from core.console.jobs import job_with_attempts, jobs
from core.jobs import control
from core.wiring.handlers import DEAD_JOB_HANDLERS
from scripts.aula.database import Action, acting, reading
from scripts.aula.exits import NothingDone
from scripts.aula.lists import Listing, add_list
from scripts.aula.options import Json, Operator, Reason, checked
from scripts.aula.output import age, show

app = typer.Typer(help="Background jobs.")

add_list(
    app,
    Listing(
        JobFilter,
        jobs,
        AdminJobOut.of,
        {
            "id": lambda row: row.id,
            "kind": lambda row: row.kind,
            "state": lambda row: row.state,
            "age": lambda row: age(row.created_at),
        },
    ),
    "Jobs, the newest first.",
    "aula jobs list --state dead --since 2h --error 'no such table'",
)


@app.command("show", epilog="Example: aula jobs show 0199c0de-0000-7000-8000-000000000001")
def show_job(job_id: UUID, *, json: Json = False) -> None:
    """One job, with its payload and its failed attempts."""
    with reading() as session:
        found = JobWithAttemptsOut.shown(job_with_attempts(session, job_id))
    show(found, json=json)


@app.command(epilog="Example: aula jobs cancel ID --reason 'the order was cancelled'")
def cancel(job_id: UUID, reason: Reason, operator: Operator = None, *, json: Json = False) -> None:
    """Cancel an unfinished job; a finished one stays as it is."""

    def act(by: Action, reason: str) -> Sequence[UUID]:
        return control.cancel(by.session, DEAD_JOB_HANDLERS, [job_id], actor_id=by.actor_id, reason=reason)

    _act(act, job_id, reason, operator, json=json)


@app.command(epilog="Example: aula jobs run-now ID --reason 'the server answers again'")
def run_now(job_id: UUID, reason: Reason, operator: Operator = None, *, json: Json = False) -> None:
    """Make a job due that waits for a later time; any other stays as it is."""

    def act(by: Action, reason: str) -> Sequence[UUID]:
        return control.run_now(by.session, [job_id], actor_id=by.actor_id, reason=reason)

    _act(act, job_id, reason, operator, json=json)


@app.command(epilog="Example: aula jobs replay ID --reason 'the cause is mended'. Many: aula replays start jobs.")
def replay(job_id: UUID, reason: Reason, operator: Operator = None, *, json: Json = False) -> None:
    """Run a finished job again from the beginning; an unfinished one stays as it is."""

    def act(by: Action, reason: str) -> Sequence[UUID]:
        return control.replay(by.session, [job_id], actor_id=by.actor_id, reason=reason)

    _act(act, job_id, reason, operator, json=json)


def _act(
    act: Callable[[Action, str], Sequence[UUID]], job_id: UUID, reason: str, operator: str | None, *, json: bool
) -> None:
    given = checked(GivenReason, {"reason": reason})
    with acting(operator) as by:
        job, _ = job_with_attempts(by.session, job_id)
        changed = act(by, given.reason)
        by.session.refresh(job)
        found = AdminJobOut.of(job)
    show(found, json=json)
    if not changed:
        raise NothingDone(f"nothing was changed: the job is {found.state}, due at {found.run_at:%Y-%m-%dT%H:%M:%SZ}")
