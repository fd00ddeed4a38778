"""The system that the smoke test uses: a running one, or one that is started for it."""

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Final

from rich.console import Console

from scripts.local.services import LocalServices
from scripts.run.ending import begin_shutdown
from scripts.run.environment import make_environment
from scripts.run.errors import RunFailedError
from scripts.run.preparation import DEMO_DATA, SCHEMA, SERVICES, describe_servers, prepare
from scripts.run.process_specs import make_specs
from scripts.run.progress import Progress
from scripts.run.supervisor import Supervisor

_URL, _INBOX, _DATABASE = "AULA_URL", "AULA_INBOX_URL", "AULA_DATABASE_URL"


@dataclass(frozen=True, slots=True)
class Target:
    """The addresses of a system, what `aula` needs to know, and the seconds until an effect must be there."""

    api: str
    inbox: str
    variables: Mapping[str, str]
    seconds: float


def running_target(seconds: float) -> Target | None:
    """The running system that the environment names; None without AULA_URL.

    Raises:
        RunFailedError: a variable is missing, or is set without AULA_URL.
    """
    given = {name: os.environ.get(name, "") for name in (_URL, _INBOX, _DATABASE)}
    if not given[_URL]:
        if others := _aula_variables():
            raise RunFailedError(f"without {_URL} a system of its own is started: unset {', '.join(others)}.")
        return None
    if missing := [name for name, value in given.items() if not value]:
        raise RunFailedError(f"{_URL} names a running system: set {' and '.join(missing)} too.")
    return Target(given[_URL].rstrip("/"), given[_INBOX].rstrip("/"), {_DATABASE: given[_DATABASE]}, seconds)


def started_target(stack: ExitStack, console: Console, progress: Progress, seconds: float) -> Target:
    """Start every process, as `make run` does, on an empty database; all end with the stack."""
    services = LocalServices("smoke", fresh=True)
    progress.section("Starting", [SERVICES, SCHEMA, DEMO_DATA])
    with progress.step(SERVICES) as step:
        stack.enter_context(services)
        step.note = describe_servers(services)
    made = make_environment(services)
    environment = replace(made, variables={**made.variables, **_VARIABLES})
    prepare(progress, environment)
    specs = [spec for spec in make_specs(environment) if spec.name != "flower"]
    supervisor = stack.enter_context(Supervisor(services.processes, environment, specs))
    stack.callback(begin_shutdown, console)
    progress.section("Processes", [spec.name for spec in specs])
    supervisor.start(progress)
    return Target(environment.api, environment.inbox, environment.variables, seconds)


# All accounts have one address.
_VARIABLES: Final = {"AULA_RATE_LIMIT_ATTEMPTS": "1000"}


def _aula_variables() -> Sequence[str]:
    return sorted(name for name in os.environ if name.startswith("AULA_"))
