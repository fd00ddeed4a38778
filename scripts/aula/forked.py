"""`aula` for programs that run many commands: its modules are imported once, and each command is a process of its own.

The start of Python and the imports are most of a command's time.
"""

import atexit
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import IO, Final

from scripts.local.instances import ROOT

_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended: its exit code, and what it printed."""

    code: int
    stdout: str
    stderr: str


class _Server:
    """`scripts.aula.forking`: runs one command at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "scripts.aula.forking"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._commands, self._answers = _pipes(self._process)

    def run(self, command: Mapping[str, object]) -> int:
        """The exit code of a command."""
        with self._lock:
            self._commands.write(f"{json.dumps(command)}\n")
            self._commands.flush()
            readable, _, _ = select.select([self._answers], [], [], _SECONDS)
            answer = self._answers.readline() if readable else ""
        if not answer:
            # The next command gets a new one.
            _server.cache_clear()
            self.end()
            raise TimeoutError(f"aula {command['arguments']} gave no answer within {_SECONDS:.0f} s, or was killed")
        return int(answer)

    def end(self) -> None:
        """End the server, and a command that still runs."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.communicate()


def run_aula(arguments: Sequence[str], variables: Mapping[str, str], *, given: str = "") -> Done:
    """Run `aula` with these arguments and environment variables; `given` is its stdin.

    Raises:
        TimeoutError: it took more than 120 seconds and is ended, or the server was killed.
    """
    with TemporaryDirectory(prefix="aula-") as name:
        folder = Path(name)
        (folder / "stdin").write_text(given, encoding="utf-8")
        code = _server().run({"arguments": list(arguments), "variables": dict(variables), "folder": name})
        return Done(code, *((folder / stream).read_text(encoding="utf-8") for stream in ("stdout", "stderr")))


@cache
def _server() -> _Server:
    server = _Server()
    atexit.register(server.end)
    return server


def _pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    if process.stdin is None or process.stdout is None:
        raise AssertionError
    return process.stdin, process.stdout
