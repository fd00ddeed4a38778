"""`make drill`: causes five faults during the purchases, repairs each as an operator, and checks everything."""

import argparse
import os
import signal
import sys
import time
from contextlib import ExitStack
from dataclasses import replace

import httpx
from rich.console import Console

from scripts.drill.buyers import Buyers
from scripts.drill.checks import CHECKS
from scripts.drill.faults import FAULTS
from scripts.drill.operator import Operator
from scripts.drill.repairs import REPAIRS, Repair, Scene
from scripts.drill.surroundings import Surroundings
from scripts.drill.waiting import wait_for
from scripts.local.errors import LocalServiceError
from scripts.local.services import LocalServices
from scripts.run.ending import begin_shutdown, end_by_exception, print_failure
from scripts.run.environment import Environment, make_environment
from scripts.run.errors import RunFailedError
from scripts.run.preparation import DEMO_DATA, SCHEMA, SERVICES, describe_servers, prepare
from scripts.run.process_specs import make_specs
from scripts.run.progress import Progress, format_seconds, make_progress
from scripts.run.supervisor import Supervisor

# An operator's lists have at most 1,000 rows.
_LEAST, _MOST = 8, 1000
_HTTP_SECONDS = 60.0
_VARIABLES = {
    # All buyers have one address.
    "AULA_RATE_LIMIT_ATTEMPTS": "100000",
    # The jobs of the dead worker are rescued when their leases have run out.
    "AULA_LEASE_SECONDS": "10",
}


def main() -> int:
    """Run the drill. Returns the exit code: 0 only when everything was found, repaired and checked."""
    parser = argparse.ArgumentParser(prog="python -m scripts.drill", description="The operator's drill.")
    parser.add_argument("--purchases", type=int, default=200, help=f"{_LEAST} to {_MOST}; 200 by default")
    count: int = parser.parse_args().purchases
    if not _LEAST <= count <= _MOST:
        parser.error(f"--purchases must be from {_LEAST} to {_MOST}")
    end_by_exception()
    console = Console()
    try:
        _check_environment()
        with ExitStack() as stack:
            _run(stack, console, count)
    except (RunFailedError, LocalServiceError, httpx.HTTPError) as error:
        print_failure(console, error)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


def _check_environment() -> None:
    """Raises RunFailedError: a variable could lead the drill to services or settings that are not its own."""
    if given := sorted(name for name in os.environ if name.startswith("AULA_")):
        raise RunFailedError(f"the drill has services and settings of its own: unset {', '.join(given)}.")


def _run(stack: ExitStack, console: Console, count: int) -> None:
    began = time.monotonic()
    progress = make_progress(console)
    with progress:
        scene = _start(stack, console, progress, count)
        progress.section("Purchases", ["orders", "checkouts"])
        with progress.step("orders") as step:
            step.note = scene.buyers.order()
        with progress.step("checkouts") as step:
            step.note = scene.buyers.open_checkouts()
        progress.section("Faults", list(FAULTS))
        for name, cause in FAULTS.items():
            with progress.step(name) as step:
                step.note = cause(scene)
        progress.section("Found and repaired by the operator", [repair.name for repair in REPAIRS])
        for repair in REPAIRS:
            _find_and_repair(progress, scene, repair)
        progress.section("Checks", list(CHECKS))
        for name, check in CHECKS.items():
            with progress.step(name) as step:
                step.note = check(scene)
    console.print(f"\nAll was found and repaired, in {time.monotonic() - began:.1f} s.", style="green")


def _start(stack: ExitStack, console: Console, progress: Progress, count: int) -> Scene:
    services = LocalServices("drill", fresh=True)
    progress.section("Starting", [SERVICES, SCHEMA, DEMO_DATA])
    with progress.step(SERVICES) as step:
        stack.enter_context(services)
        step.note = describe_servers(services)
    environment = _with_variables(make_environment(services))
    offers = prepare(progress, environment)
    specs = [spec for spec in make_specs(environment) if spec.name != "flower"]
    supervisor = stack.enter_context(Supervisor(services.processes, environment, specs))
    stack.callback(begin_shutdown, console)
    progress.section("Processes", [spec.name for spec in specs])
    supervisor.start(progress)
    client = stack.enter_context(httpx.Client(timeout=_HTTP_SECONDS, trust_env=False))
    return Scene(
        Operator.make(environment, client),
        Surroundings(environment, supervisor, client),
        Buyers(environment, offers, client, count),
    )


def _with_variables(environment: Environment) -> Environment:
    return replace(environment, variables={**environment.variables, **_VARIABLES})


def _find_and_repair(progress: Progress, scene: Scene, repair: Repair) -> None:
    with progress.step(repair.name) as step:
        found = wait_for(lambda: repair.find(scene.operator) or None, f"{repair.tool} does not tell that {repair.name}")
        seconds = step.seconds
        step.note = f"found in {format_seconds(seconds)} by {repair.tool}"
        repair.repair(scene, found)
        step.note = f"found in {format_seconds(seconds)}, repaired in {format_seconds(step.seconds - seconds)}"


if __name__ == "__main__":
    sys.exit(main())
