"""`make run`: starts every process, makes one purchase and serves until Ctrl-C."""

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
from scripts.local.running import publish
from scripts.local.services import LocalServices
from scripts.run.environment import Environment, check_environment, make_environment
from scripts.run.errors import RunFailedError
from scripts.run.process_specs import make_specs
from scripts.run.progress import Progress, make_progress
from scripts.run.purchase import Purchase
from scripts.run.purchase_steps import PURCHASE_STEPS, run_purchase
from scripts.run.supervisor import Supervisor
from scripts.seed import TEACHER, DemoOffers, seed

_SERVICES, _SCHEMA, _DEMO_DATA = "database and broker", "schema", "demo data"
# Seconds between two checks for ended processes.
_WATCH_INTERVAL = 0.5
_LOG_TAIL_LINES = 12


def main() -> int:
    """Run. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m scripts.run", description="Aula on this machine.")
    parser.add_argument("--once", action="store_true", help="end after the purchase")
    once: bool = parser.parse_args().once
    signal.signal(signal.SIGTERM, _terminate)
    # A shell ignores SIGINT for its background jobs; Ctrl-C must work there too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    console = Console()
    try:
        check_environment(once=once)
        with ExitStack() as stack:
            _run(stack, console, once=once)
    except (RunFailedError, LocalServiceError) as error:
        _print_failure(console, error)
        return 1
    except KeyboardInterrupt:
        return 0 if not once else 128 + signal.SIGINT
    return 0


def _run(stack: ExitStack, console: Console, *, once: bool) -> None:
    began = time.monotonic()
    progress = make_progress(console)
    with progress:
        services = LocalServices("run")
        progress.section("Starting", [_SERVICES, _SCHEMA, _DEMO_DATA])
        with progress.step(_SERVICES) as step:
            stack.enter_context(services)
            step.note = _describe_servers(services)
        environment = make_environment(services)
        publish(services.folder, environment.variables)
        offers = _prepare(progress, environment)
        supervisor = stack.enter_context(Supervisor(services.processes, environment, make_specs(environment)))
        # Registered last, so it runs first: a second Ctrl-C no longer interrupts the shutdown.
        stack.callback(_begin_shutdown, console)
        progress.section("Processes", [spec.name for spec in make_specs(environment)])
        supervisor.start(progress)
        if environment.emulates_stripe:
            progress.section("One purchase", [hop.name for hop in PURCHASE_STEPS])
            with httpx.Client(timeout=10) as client:
                run_purchase(progress, Purchase(environment, offers, client), supervisor)
    console.print(f"\nAll of it worked, in {time.monotonic() - began:.1f} s.", style="green")
    if not once:
        _print_addresses(console, environment)
        _serve(console, services, supervisor)


def _describe_servers(services: LocalServices) -> str:
    database = f"PostgreSQL on port {services.postgres.port}" if services.owns_database else "AULA_DATABASE_URL"
    broker = f"Valkey on port {services.valkey.port}" if services.owns_broker else "AULA_REDIS_URL"
    return f"{database}, {broker}"


def _prepare(progress: Progress, environment: Environment) -> DemoOffers:
    url = environment.variables["AULA_DATABASE_URL"]
    with progress.step(_SCHEMA):
        migrate(url)
    with progress.step(_DEMO_DATA) as step:
        engine = make_engine(url, pool_size=1)
        with make_sessions(engine).begin() as session:
            offers = seed(session, environment.teacher_password, utc_now())
        engine.dispose()
        step.note = "a course and a service on sale"
    return offers


def _print_addresses(console: Console, environment: Environment) -> None:
    lines = [
        ("API", f"{environment.api}/docs"),
        ("Flower", environment.flower),
        ("Inbox", environment.inbox),
        ("Logs", os.path.relpath(environment.folder / "logs")),
        ("Teacher", f"{TEACHER}, password {environment.teacher_password}"),
    ]
    if environment.emulates_stripe:
        lines[2:2] = [
            ("Stripe", f"{environment.stripe}  (emulator, no money moves)"),
            ("Options", f"{environment.stripe_cli_options}  (of the Stripe command line)"),
        ]
    console.print()
    for name, value in lines:
        console.print(f"  [bold]{name:<9}[/bold] {value}", highlight=False, soft_wrap=True)
    console.print("\nServing until Ctrl-C; a process that ends is restarted.")


def _serve(console: Console, services: LocalServices, supervisor: Supervisor) -> None:
    while True:
        for description in (*services.restart_ended(), *supervisor.restart_ended()):
            console.print(f"{description}; restarted.", style="yellow", highlight=False)
        time.sleep(_WATCH_INTERVAL)


def _begin_shutdown(console: Console) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    console.print("Stopping every process …")


def _print_failure(console: Console, error: Exception) -> None:
    console.print(f"\nFailed: {error}", style="bold red", markup=False, soft_wrap=True)
    for log in error.logs if isinstance(error, RunFailedError) else ():
        console.print(f"\nRead {os.path.relpath(log)}; its last lines:", style="bold", soft_wrap=True)
        text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        tail = "\n".join(text.splitlines()[-_LOG_TAIL_LINES:])
        console.print(tail, markup=False, highlight=False, soft_wrap=True)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    # Like Ctrl-C: each context stops what it started.
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
