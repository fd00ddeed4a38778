"""`aula schedules`: work that is enqueued by the clock."""

from collections.abc import Callable

import typer

from api.schemas.admin.base import Action as GivenReason
from api.schemas.admin.jobs import ScheduleOut
from core.console.schedules import schedule_view, schedules
from core.jobs.schedule_control import pause_schedule, resume_schedule, run_schedule_now
from scripts.aula.database import Action, acting, reading
from scripts.aula.lists import show_rows
from scripts.aula.options import Json, Operator, Reason, checked
from scripts.aula.output import Columns, age, due, show

app = typer.Typer(help="Work that is enqueued by the clock.")

_COLUMNS: Columns[ScheduleOut] = {
    "name": lambda row: row.name,
    "every": lambda row: f"{row.every_seconds}s",
    "due": lambda row: "paused" if row.paused_at else due(row.next_due_at),
    "last": lambda row: age(row.last_at) if row.last_at else None,
    "state": lambda row: row.last_state,
}


@app.command("list", epilog="Example: aula schedules list")
def list_schedules(*, json: Json = False) -> None:
    """Every schedule, when its next job is due, and how the last one ended."""
    with reading() as session:
        rows = [ScheduleOut.model_validate(one) for one in schedules(session)]
    show_rows(rows, _COLUMNS, json=json)


@app.command(epilog="Example: aula schedules run-now maintenance-check --reason 'after the restore'")
def run_now(name: str, reason: Reason, operator: Operator = None, *, json: Json = False) -> None:
    """Make the schedule due: its job is enqueued within seconds, if it has work."""

    def act(by: Action, reason: str) -> None:
        run_schedule_now(by.session, name, by.now, actor_id=by.actor_id, reason=reason)

    _act(act, name, reason, operator, json=json)


@app.command(epilog="Example: aula schedules pause orders-expire --reason 'buyers pay late today'")
def pause(name: str, reason: Reason, operator: Operator = None, *, json: Json = False) -> None:
    """Enqueue no more jobs of the schedule until it is resumed."""

    def act(by: Action, reason: str) -> None:
        pause_schedule(by.session, name, by.now, actor_id=by.actor_id, reason=reason)

    _act(act, name, reason, operator, json=json)


@app.command(epilog="Example: aula schedules resume orders-expire --reason 'the day is over'")
def resume(name: str, reason: Reason, operator: Operator = None, *, json: Json = False) -> None:
    """Enqueue the schedule's jobs again; one makes up for all that were missed."""

    def act(by: Action, reason: str) -> None:
        resume_schedule(by.session, name, actor_id=by.actor_id, reason=reason)

    _act(act, name, reason, operator, json=json)


def _act(act: Callable[[Action, str], None], name: str, reason: str, operator: str | None, *, json: bool) -> None:
    given = checked(GivenReason, {"reason": reason})
    with acting(operator) as by:
        act(by, given.reason)
        by.session.flush()
        found = ScheduleOut.model_validate(schedule_view(by.session, name))
    show(found, json=json)
