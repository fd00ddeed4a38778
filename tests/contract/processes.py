"""Starts an emulator in its own process and waits until it is healthy."""

import os
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.waiting import wait_until

_START_S, _STOP_S = 20.0, 5.0


@contextmanager
def running_process(
    module: str, *options: str, health: str, log: Path, environment: Mapping[str, str] | None = None
) -> Generator[subprocess.Popen[bytes]]:
    """Run `python -m module options` until the block ends; killed when it does not stop in time."""
    variables = {**os.environ, **(environment or {})}
    with (
        log.open("ab") as output,
        subprocess.Popen(  # noqa: S603 - this interpreter, constant arguments
            [sys.executable, "-m", module, *options], stdout=output, stderr=subprocess.STDOUT, env=variables
        ) as process,
    ):
        try:
            wait_until(lambda: _healthy(process, health, log), f"{module} healthy at {health}", _START_S)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _healthy(process: subprocess.Popen[bytes], health: str, log: Path) -> bool:
    if process.poll() is not None:
        pytest.fail(f"ended with {process.returncode}: {log.read_text()[-2_000:]}")
    try:
        return httpx.get(health, timeout=1, trust_env=False).is_success
    except httpx.TransportError:
        return False
