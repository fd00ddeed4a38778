"""`make run`: starts every process, makes one purchase and serves until Ctrl-C."""

import argparse
import os
import signal
import sys
import time
from contextlib import ExitStack

import httpx
from rich.console import Console

from scripts.local.errors import LocalServiceError
from scripts.local.running import publish
from scripts.local.services import LocalServices
from scripts.run.demo_steps import PURCHASE_STEPS, VISIT_STEPS, run_steps
from scripts.run.ending import begin_shutdown, end_by_exception, print_failure
from scripts.run.environment import Environment, check_environment, make_environment
from scripts.run.errors import RunFailedError
from scripts.run.preparation import DEMO_DATA, SCHEMA, SERVICES, describe_servers, prepare
from scripts.run.process_specs import make_specs
from scripts.run.progress import make_progress
from scripts.run.purchase import Purchase
from scripts.run.supervisor import Supervisor
from scripts.run.visit import Visit
from scripts.seed import TEACHER

# Seconds between two checks for ended processes.
_WATCH_INTERVAL = 0.5


def main() -> int:
    """Run. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m scripts.run", description="Aula on this machine.")
    parser.add_argument("--once", action="store_true", help="end after the purchase")
    once: bool = parser.parse_args().once
    end_by_exception()
    console = Console()
    try:
        check_environment(once=once)
        with ExitStack() as stack:
            _run(stack, console, once=once)
    except (RunFailedError, LocalServiceError) as error:
        print_failure(console, error)
        return 1
    except KeyboardInterrupt:
        return 0 if not once else 128 + signal.SIGINT
    return 0


def _run(stack: ExitStack, console: Console, *, once: bool) -> None:
    began = time.monotonic()
    progress = make_progress(console)
    with progress:
        services = LocalServices("run")
        progress.section("Starting", [SERVICES, SCHEMA, DEMO_DATA])
        with progress.step(SERVICES) as step:
            stack.enter_context(services)
            step.note = describe_servers(services)
        environment = make_environment(services)
        publish(services.folder, environment.variables)
        offers = prepare(progress, environment)
        supervisor = stack.enter_context(Supervisor(services.processes, environment, make_specs(environment)))
        # Registered last, so it runs first: a second Ctrl-C no longer interrupts the shutdown.
        stack.callback(begin_shutdown, console)
        progress.section("Processes", [spec.name for spec in make_specs(environment)])
        supervisor.start(progress)
        if environment.emulates_stripe:
            progress.section("One purchase", [hop.name for hop in PURCHASE_STEPS])
            with httpx.Client(timeout=10) as client:
                purchase = Purchase(environment, offers, client)
                run_steps(progress, PURCHASE_STEPS, purchase, supervisor)
                if environment.emulates_livekit:
                    progress.section("One seminar", [hop.name for hop in VISIT_STEPS])
                    run_steps(progress, VISIT_STEPS, Visit(purchase), supervisor)
    console.print(f"\nAll of it worked, in {time.monotonic() - began:.1f} s.", style="green")
    if not once:
        _print_addresses(console, environment)
        _serve(console, services, supervisor)


def _print_addresses(console: Console, environment: Environment) -> None:
    lines = [
        ("App", environment.client),
        ("API", f"{environment.api}/docs"),
        ("Try", f"curl -s {environment.api}/courses"),
        # Pasted into another terminal, for the commands of docs/guide.
        ("Shell", f"export AULA_URL={environment.api} AULA_INBOX_URL={environment.inbox}"),
        ("Flower", environment.flower),
        ("Metrics", f"{environment.api}/metrics, bearer token {environment.variables['AULA_METRICS_TOKEN']}"),
        ("Inbox", environment.inbox),
        ("Logs", os.path.relpath(environment.folder / "logs")),
        ("Teacher", f"{TEACHER}, password {environment.teacher_password}"),
    ]
    if environment.emulates_stripe:
        lines[3:3] = [
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


if __name__ == "__main__":
    sys.exit(main())
