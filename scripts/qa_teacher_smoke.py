"""`make smoke`: checks that a teacher can sell, a student buy and learn, and an operator replay.

With AULA_URL it uses that running system, with its database AULA_DATABASE_URL and its mail sink AULA_INBOX_URL; else it
starts one. The exit code is 0 only when everything is as expected.
"""

import argparse
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Final

import httpx
from rich.console import Console

from scripts.local.errors import LocalServiceError
from scripts.run.ending import end_by_exception, print_failure
from scripts.run.errors import RunFailedError
from scripts.run.progress import PlainProgress, Progress
from scripts.smoke.buying import BUYING
from scripts.smoke.learning import LEARNING
from scripts.smoke.meeting import MEETING
from scripts.smoke.operating import OPERATING
from scripts.smoke.scene import Part, Scene
from scripts.smoke.surprise import SurpriseError
from scripts.smoke.target import running_target, started_target
from scripts.smoke.teaching import TEACHING

# In this order: each part uses what the ones before it made.
PARTS: Final[Mapping[str, Part]] = {
    "A teacher sells": TEACHING,
    "A student buys": BUYING,
    "The student learns": LEARNING,
    "A seminar is held": MEETING,
    "An operator replays": OPERATING,
}
_HTTP_SECONDS: Final = 30.0


class CheckFailedError(RunFailedError):
    """A check of a part failed; the message names both, and says what was expected and what was found."""


def main() -> int:
    """Run every part. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m scripts.qa_teacher_smoke", description="The smoke test.")
    parser.add_argument("--seconds", type=float, default=30, help="until an effect must be there; 30 by default")
    seconds: float = parser.parse_args().seconds
    end_by_exception()
    console = Console()
    began = time.monotonic()
    try:
        with ExitStack() as stack:
            count = _run(stack, console, seconds)
    except (RunFailedError, LocalServiceError) as error:
        print_failure(console, error)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    console.print(f"\nAll {count} checks are as expected, in {time.monotonic() - began:.1f} s.", style="green")
    return 0


def _run(stack: ExitStack, console: Console, seconds: float) -> int:
    progress = PlainProgress(console)
    target = running_target(seconds) or started_target(stack, console, progress, seconds)
    client = stack.enter_context(httpx.Client(timeout=_HTTP_SECONDS, trust_env=False))
    scene = Scene.of(target, client)
    for name, part in PARTS.items():
        _check(progress, scene, name, part)
    return sum(map(len, PARTS.values()))


def _check(progress: Progress, scene: Scene, name: str, part: Part) -> None:
    progress.section(name, list(part))
    for check, run in part.items():
        try:
            with progress.step(check) as step:
                step.note = run(scene)
        except SurpriseError as error:
            said = f"{name}, {check}\n  expected  {error.expected}\n  found     {error.found}"
            raise CheckFailedError(said) from error
        except httpx.TransportError as error:
            said = f"{name}, {check}\n  expected  an answer\n  found     {error}"
            raise CheckFailedError(said) from error


if __name__ == "__main__":
    sys.exit(main())
