"""`aula replays`: replay many events or jobs."""

import time
from collections.abc import Callable, Generator
from typing import Annotated, Any, Final
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from api.schemas.admin.base import Action as GivenReason
from api.schemas.admin.replays import PreviewOut, ReplayOut
from core.console.filters import EventFilter, Filter, JobFilter
from core.paging import Newest, PageRequest
from core.replays.control import cancel_replay, pause_replay, replay_of, replays, resume_replay
from core.replays.start import MAX_RATE, UNCONFIRMED, NewReplay, preview
from core.replays.start import start as start_replay
from db.models import Replay, ReplayTarget
from scripts.aula.database import Action, acting, reading
from scripts.aula.exits import NothingDone
from scripts.aula.lists import Limit, filter_options, show_rows, with_options
from scripts.aula.options import Json, Operator, Reason, Yes, checked, confirm
from scripts.aula.output import Columns, age, say, show, show_json_lines

app = typer.Typer(help="Replays of many events or jobs.")
start_app = typer.Typer(help="Start a replay of all that match a filter.")
app.add_typer(start_app, name="start")

# Seconds between two looks at a replay.
_LOOK_EVERY: Final = 1.0
_COLUMNS: Columns[ReplayOut] = {
    "id": lambda row: row.id,
    "target": lambda row: row.target,
    "state": lambda row: row.state,
    "done": lambda row: f"{row.replayed + row.skipped}/{row.expected}",
    "age": lambda row: age(row.created_at),
}


def _start(target: ReplayTarget, wanted: type[Filter]) -> Callable[..., None]:
    def run(
        reason: str,
        operator: str | None,
        rate: int,
        limit: int | None,
        *,
        dry_run: bool,
        yes: bool,
        json: bool,
        **given: str | None,
    ) -> None:
        chosen = checked(wanted, given)
        new = checked(NewReplay, {target: chosen, "reason": reason, "rate": rate, "limit": limit})
        with reading() as session:
            found = PreviewOut.model_validate(preview(session, new))
        if dry_run or not found.count:
            show(found, json=json)
            if not found.count:
                raise NothingDone("nothing matches; there is nothing to replay")
            return
        if found.count > UNCONFIRMED and limit is None:
            confirm(f"This replays {found.count} {target}.", yes=yes)
        with acting(operator) as by:
            confirmed = new.model_copy(update={"expected_count": found.count})
            replay = ReplayOut.model_validate(start_replay(by.session, confirmed, actor_id=by.actor_id))
        show(replay, json=json)

    options: dict[str, tuple[Any, Any]] = {
        **filter_options(wanted),
        "reason": (Reason, ...),
        "rate": (
            Annotated[
                int, typer.Option(min=1, max=MAX_RATE, metavar="N", help=f"At most so many a second, to {MAX_RATE}.")
            ],
            50,
        ),
        "limit": (
            Annotated[int | None, typer.Option(min=1, max=1_000_000, metavar="N", help="The oldest so many alone.")],
            None,
        ),
        "dry_run": (Annotated[bool, typer.Option("--dry-run", help="Only count, and show the first ids.")], False),
        "yes": (Yes, False),
        "operator": (Operator, None),
        "json": (Json, False),
    }
    return with_options(run, options)


start_app.command(
    "webhooks",
    help="Replay events; dead ones, unless --state names others.",
    epilog="Example: aula replays start webhooks --since 2h --reason 'mended in 1.4' --dry-run",
)(_start("webhooks", EventFilter))
start_app.command(
    "jobs",
    help="Replay jobs; dead and cancelled ones, unless --state names others.",
    epilog="Example: aula replays start jobs --kind mail.send --reason 'the server is back' --rate 10",
)(_start("jobs", JobFilter))


@app.command("list", epilog="Example: aula replays list --limit 5")
def list_replays(limit: Limit = 20, *, json: Json = False) -> None:
    """Replays, the newest first."""
    with reading() as session:
        page: PageRequest[Newest] = PageRequest(limit, None)
        rows = [ReplayOut.model_validate(row) for row in replays(session, page).items]
    show_rows(rows, _COLUMNS, json=json)


@app.command("show", epilog="Example: aula replays show 0199c0de-0000-7000-8000-000000000001")
def show_replay(replay_id: UUID, *, json: Json = False) -> None:
    """One replay and its progress."""
    show(_look(replay_id), json=json)


@app.command(epilog="Example: aula replays watch 0199c0de-0000-7000-8000-000000000001")
def watch(replay_id: UUID, *, json: Json = False) -> None:
    """Show the progress until the replay stops; Ctrl-C ends the watching alone. Exit code 1 unless it finishes."""
    last = _look(replay_id)
    if json:
        for last in _looks(replay_id):
            show_json_lines([last])
    else:
        last = _show_progress(replay_id, last)
        say(f"{last.state}: {last.replayed} replayed, {last.skipped} skipped of {last.expected}")
    if last.state != "finished":
        raise NothingDone(f"the replay is {last.state}" + (f": {last.last_error}" if last.last_error else ""))


@app.command(epilog="Example: aula replays pause ID --reason 'the database is busy'")
def pause(replay_id: UUID, reason: Reason, operator: Operator = None, *, json: Json = False) -> None:
    """Replay nothing more until it is resumed."""

    def act(by: Action, reason: str) -> Replay:
        return pause_replay(by.session, replay_id, actor_id=by.actor_id, reason=reason)

    _act(act, reason, operator, json=json)


@app.command(epilog="Example: aula replays resume ID --reason 'quiet again'")
def resume(replay_id: UUID, reason: Reason, operator: Operator = None, *, json: Json = False) -> None:
    """Go on after what was replayed."""

    def act(by: Action, reason: str) -> Replay:
        return resume_replay(by.session, replay_id, by.now, actor_id=by.actor_id, reason=reason)

    _act(act, reason, operator, json=json)


@app.command(epilog="Example: aula replays cancel ID --reason 'the wrong filter'")
def cancel(replay_id: UUID, reason: Reason, operator: Operator = None, *, json: Json = False) -> None:
    """End the replay; what was replayed stays replayed."""

    def act(by: Action, reason: str) -> Replay:
        return cancel_replay(by.session, replay_id, by.now, actor_id=by.actor_id, reason=reason)

    _act(act, reason, operator, json=json)


def _act(act: Callable[[Action, str], Replay], reason: str, operator: str | None, *, json: bool) -> None:
    given = checked(GivenReason, {"reason": reason})
    with acting(operator) as by:
        replay = act(by, given.reason)
        by.session.flush()
        found = ReplayOut.model_validate(replay)
    show(found, json=json)


def _look(replay_id: UUID) -> ReplayOut:
    with reading() as session:
        return ReplayOut.model_validate(replay_of(session, replay_id))


def _looks(replay_id: UUID) -> Generator[ReplayOut]:
    """The replay now and after each second, until it runs no more."""
    while True:
        found = _look(replay_id)
        yield found
        if found.state != "running":
            return
        time.sleep(_LOOK_EVERY)


def _show_progress(replay_id: UUID, last: ReplayOut) -> ReplayOut:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(last.target, total=last.expected)
        for found in _looks(replay_id):
            progress.update(task, completed=found.replayed + found.skipped, description=found.state)
            last = found
    return last
