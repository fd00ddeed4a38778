"""Runs the official Stripe CLI against the emulator; needs `stripe` on PATH, or its path in AULA_STRIPE_CLI."""

import os
import re
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.contract.conftest import SECRET_KEY, StripeEmulator

CLI = os.environ.get("AULA_STRIPE_CLI") or shutil.which("stripe")
GUIDE = (Path(__file__).parents[2] / "docs" / "stripe.md").read_text(encoding="utf-8")
needs_cli = pytest.mark.skipif(CLI is None, reason="no Stripe CLI: npm install @stripe/cli, then AULA_STRIPE_CLI")


def commands_of(section: str) -> list[str]:
    """The shell commands under a heading of the guide, one a line."""
    text = GUIDE.split(f"\n{section}\n", 1)[1].split("\n## ", 1)[0]
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)).replace("\\\n", " ")
    return [line for line in blocks.splitlines() if line]


def run_stripe(emulator: StripeEmulator, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`stripe words…` against the emulator."""
    command = [str(CLI), *words, "--api-base", emulator.base, "--api-key", SECRET_KEY]
    return subprocess.run(  # noqa: S603 - the installed CLI, constant arguments
        command, capture_output=True, text=True, timeout=60, env=environment(emulator, home), check=False
    )


def succeed(emulator: StripeEmulator, home: Path, *words: str) -> str:
    """The output of `stripe words…`, which must end well."""
    result = run_stripe(emulator, home, *words)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


@contextmanager
def running_command(command: str, emulator: StripeEmulator, home: Path, log: Path) -> Generator[None]:
    """Run a shell command of the guide until the block ends; its output goes to `log`."""
    with (
        log.open("wb") as output,
        subprocess.Popen(  # noqa: S603 - a command of this repository
            ["/bin/sh", "-c", f"exec {command}"],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment(emulator, home),
        ) as process,
    ):
        try:
            yield
        finally:
            process.terminate()


def environment(emulator: StripeEmulator, home: Path) -> dict[str, str]:
    """Variables for a command of the guide; the CLI writes a configuration to HOME."""
    folder = Path(str(CLI)).parent
    return {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "HOME": str(home),
        "STRIPE_CLI_TELEMETRY_OPTOUT": "1",
        "E": f"--api-base {emulator.base} --api-key {SECRET_KEY}",
    }
