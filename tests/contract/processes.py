"""Starts an emulator as a process of its own and waits until it answers."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.waiting import wait_until

_START_S, _STOP_S = 20.0, 5.0


@contextmanager
def running(module: str, *options: str, health: str, log: Path) -> Generator[subprocess.Popen[bytes]]:
    """`python -m module options`, healthy; killed at the end if it does not stop by itself."""
    with (
        log.open("ab") as output,
        subprocess.Popen(  # noqa: S603 - this interpreter and words of our own tests
            [sys.executable, "-m", module, *options], stdout=output, stderr=subprocess.STDOUT
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
