"""`aula queues` and `aula kinds`: what is paused, limited and waiting."""

from typing import Annotated

import typer

from api.schemas.admin.base import Action
from api.schemas.admin.jobs import KindOut, NewLimits, QueueOut
from core.console.jobs import kind_view, kinds, queue_view, queues
from core.jobs import control
from scripts.aula.database import acting, reading
from scripts.aula.lists import show_rows
from scripts.aula.options import Json, Operator, Reason, Yes, checked, confirm
from scripts.aula.output import Columns, age, show

queues_app = typer.Typer(help="Queues, each with its kinds of jobs.")
kinds_app = typer.Typer(help="Kinds of jobs.")

Limited = Annotated[int, typer.Option(min=0, max=10_000, metavar="N", help="At most so many; 0 is without a limit.")]

_QUEUES: Columns[QueueOut] = {
    "queue": lambda row: row.queue,
    "paused": lambda row: "partly" if not row.paused and any(kind.paused_at for kind in row.kinds) else row.paused,
    "kinds": lambda row: len(row.kinds),
    "pending": lambda row: row.pending,
    "running": lambda row: row.running,
    "dead": lambda row: row.dead,
    "waits": lambda row: age(row.oldest_due_at) if row.oldest_due_at else None,
}
_KINDS: Columns[KindOut] = {
    "kind": lambda row: row.kind,
    "queue": lambda row: row.queue,
    "paused": lambda row: row.paused_at is not None,
    "pending": lambda row: row.pending,
    "running": lambda row: row.running if row.max_running is None else f"{row.running}/{row.max_running}",
    "dead": lambda row: row.dead,
    "waits": lambda row: age(row.oldest_due_at) if row.oldest_due_at else None,
}


@queues_app.command("list", epilog="Example: aula queues list")
def list_queues(*, json: Json = False) -> None:
    """Every queue; `waits` is how long its oldest due job has waited."""
    with reading() as session:
        rows = [QueueOut.model_validate(one) for one in queues(session)]
    show_rows(rows, _QUEUES, json=json)


@queues_app.command("pause", epilog="Example: aula queues pause mail --reason 'the mail server is down' --yes")
def pause_queue(queue: str, reason: Reason, operator: Operator = None, *, yes: Yes = False, json: Json = False) -> None:
    """Start no further jobs of the queue until it is resumed."""
    given = checked(Action, {"reason": reason})
    with reading() as session:
        names = queue_view(session, queue).names
    confirm(f"This pauses {', '.join(names)}.", yes=yes)
    with acting(operator) as by:
        control.pause(by.session, names, by.now, actor_id=by.actor_id, reason=given.reason)
        found = QueueOut.model_validate(queue_view(by.session, queue))
    show(found, json=json)


@queues_app.command("resume", epilog="Example: aula queues resume mail --reason 'the mail server is back'")
def resume_queue(queue: str, reason: Reason, operator: Operator = None, *, json: Json = False) -> None:
    """Start jobs of the queue again."""
    given = checked(Action, {"reason": reason})
    with acting(operator) as by:
        names = queue_view(by.session, queue).names
        control.resume(by.session, names, actor_id=by.actor_id, reason=given.reason)
        found = QueueOut.model_validate(queue_view(by.session, queue))
    show(found, json=json)


@kinds_app.command("list", epilog="Example: aula kinds list --json")
def list_kinds(*, json: Json = False) -> None:
    """Every kind; `waits` is how long its oldest due job has waited."""
    with reading() as session:
        rows = [KindOut.model_validate(one) for one in kinds(session)]
    show_rows(rows, _KINDS, json=json)


@kinds_app.command("pause", epilog="Example: aula kinds pause mail.send --reason 'the mail server is down'")
def pause_kind(kind: str, reason: Reason, operator: Operator = None, *, json: Json = False) -> None:
    """Start no further jobs of the kind until it is resumed; a pause stays through releases."""
    given = checked(Action, {"reason": reason})
    with acting(operator) as by:
        control.pause(by.session, [kind], by.now, actor_id=by.actor_id, reason=given.reason)
        found = KindOut.model_validate(kind_view(by.session, kind))
    show(found, json=json)


@kinds_app.command("resume", epilog="Example: aula kinds resume mail.send --reason 'the mail server is back'")
def resume_kind(kind: str, reason: Reason, operator: Operator = None, *, json: Json = False) -> None:
    """Start jobs of the kind again."""
    given = checked(Action, {"reason": reason})
    with acting(operator) as by:
        control.resume(by.session, [kind], actor_id=by.actor_id, reason=given.reason)
        found = KindOut.model_validate(kind_view(by.session, kind))
    show(found, json=json)


@kinds_app.command(
    "limit", epilog="Example: aula kinds limit mail.send --max-running 5 --max-per-key 0 --reason 'slow'"
)
def limit_kind(
    kind: str,
    max_running: Limited,
    max_per_key: Limited,
    reason: Reason,
    operator: Operator = None,
    *,
    json: Json = False,
) -> None:
    """Limit how many jobs of the kind, and of one key, run at once; the limits stay through releases."""
    limits = {"max_running": max_running or None, "max_per_key": max_per_key or None}
    given = NewLimits(**limits, reason=checked(Action, {"reason": reason}).reason)
    with acting(operator) as by:
        control.set_limits(by.session, kind, given.limits(), actor_id=by.actor_id, reason=given.reason)
        found = KindOut.model_validate(kind_view(by.session, kind))
    show(found, json=json)
