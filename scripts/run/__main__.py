"""`make run`: everything on this machine, one purchase played through it, and then it serves until Ctrl-C."""

import argparse
import os
import signal
import sys
import time
from contextlib import ExitStack
from types import FrameType

import httpx
from rich.console import Console

from core.clock import utc_now
from db.engine import make_engine, make_sessions
from db.migrate import migrate
from scripts.local.errors import LocalServiceError
from scripts.local.services import LocalServices
from scripts.run.environment import Surroundings, make_surroundings, refuse_unfit_environment
from scripts.run.errors import RunFailedError
from scripts.run.hops import HOPS, play
from scripts.run.parts import parts_of
from scripts.run.picture import Picture, make_picture
from scripts.run.purchase import Purchase
from scripts.run.system import System
from scripts.seed import TEACHER, Seeded, seed

_SERVICES, _SCHEMA, _OFFERS = "database and broker", "schema", "demo data"
_WATCH = 0.5
_LAST_LINES = 12


def main() -> int:
    """Run; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m scripts.run", description="Aula on this machine.")
    parser.add_argument("--once", action="store_true", help="end after the purchase")
    once: bool = parser.parse_args().once
    signal.signal(signal.SIGTERM, _terminate)
    # A shell that started this in the background left it deaf to Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    console = Console()
    try:
        refuse_unfit_environment(once=once)
        with ExitStack() as stack:
            _run(stack, console, once=once)
    except (RunFailedError, LocalServiceError) as error:
        _explain(console, error)
        return 1
    except KeyboardInterrupt:
        return 0 if not once else 128 + signal.SIGINT
    return 0


def _run(stack: ExitStack, console: Console, *, once: bool) -> None:
    began = time.monotonic()
    picture = make_picture(console)
    with picture:
        services = LocalServices("run")
        picture.section("Starting", [_SERVICES, _SCHEMA, _OFFERS])
        with picture.step(_SERVICES) as step:
            stack.enter_context(services)
            step.note = _servers(services)
        surroundings = make_surroundings(services)
        offers = _prepare(picture, surroundings)
        system = stack.enter_context(System(services.processes, surroundings, parts_of(surroundings)))
        # Registered last, so it comes first: from here on a second Ctrl-C does not disturb the end.
        stack.callback(_announce_end, console)
        picture.section("Processes", [part.name for part in parts_of(surroundings)])
        system.start(picture)
        if surroundings.emulates_stripe:
            picture.section("One purchase", [hop.name for hop in HOPS])
            with httpx.Client(timeout=10) as client:
                play(picture, Purchase(surroundings, offers, client), system)
    console.print(f"\nAll of it worked, in {time.monotonic() - began:.1f} s.", style="green")
    if not once:
        _say_where(console, surroundings)
        _serve(console, services, system)


def _servers(services: LocalServices) -> str:
    database = f"PostgreSQL on port {services.postgres.port}" if services.owns_database else "AULA_DATABASE_URL"
    broker = f"Valkey on port {services.valkey.port}" if services.owns_broker else "AULA_REDIS_URL"
    return f"{database}, {broker}"


def _prepare(picture: Picture, surroundings: Surroundings) -> Seeded:
    url = surroundings.variables["AULA_DATABASE_URL"]
    with picture.step(_SCHEMA):
        migrate(url)
    with picture.step(_OFFERS) as step:
        engine = make_engine(url, pool_size=1)
        with make_sessions(engine).begin() as session:
            offers = seed(session, surroundings.teacher_password, utc_now())
        engine.dispose()
        step.note = "a course and a service on sale"
    return offers


def _say_where(console: Console, surroundings: Surroundings) -> None:
    lines = [
        ("API", f"{surroundings.api}/docs"),
        ("Flower", surroundings.flower),
        ("Inbox", surroundings.inbox),
        ("Logs", os.path.relpath(surroundings.folder / "logs")),
        ("Teacher", f"{TEACHER}, password {surroundings.teacher_password}"),
    ]
    if surroundings.emulates_stripe:
        lines.insert(2, ("Stripe", f"{surroundings.stripe}  (emulator, no money moves)"))
    console.print()
    for name, value in lines:
        console.print(f"  [bold]{name:<9}[/bold] {value}", highlight=False, soft_wrap=True)
    console.print("\nServing until Ctrl-C; what ends before is started again.")


def _serve(console: Console, services: LocalServices, system: System) -> None:
    while True:
        for end in (*services.restart_ended(), *system.restart_ended()):
            console.print(f"{end}; started again.", style="yellow", highlight=False)
        time.sleep(_WATCH)


def _announce_end(console: Console) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    console.print("Ending every process …")


def _explain(console: Console, error: Exception) -> None:
    console.print(f"\nFailed: {error}", style="bold red", markup=False, soft_wrap=True)
    for log in error.logs if isinstance(error, RunFailedError) else ():
        console.print(f"\nRead {os.path.relpath(log)}; it ends with:", style="bold", soft_wrap=True)
        text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        tail = "\n".join(text.splitlines()[-_LAST_LINES:])
        console.print(tail, markup=False, highlight=False, soft_wrap=True)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    # As Ctrl-C: every context on the way out ends what it started.
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
