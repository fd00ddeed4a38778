"""Child processes with a log file each; all end when their parent process ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from scripts.local import reaper
from scripts.local.accounts import Account

# Seconds between asking a process to end and killing it.
PATIENCE = 10.0
_THIS_USER = Account("this user")


class Process:
    """One child process, leader of its own process group."""

    def __init__(self, name: str, popen: subprocess.Popen[bytes], log: Path, stop_signal: int) -> None:
        self.name = name
        self.log = log
        self.stop_signal = stop_signal
        self._popen = popen

    @property
    def pid(self) -> int:
        """The process id, which is also the process group's id."""
        return self._popen.pid

    @property
    def running(self) -> bool:
        """Whether the process has not ended yet."""
        return self._popen.poll() is None

    @property
    def returncode(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._popen.poll()

    def describe_end(self) -> str:
        """How the process ended, as text."""
        code = self.returncode
        how = f"was ended by {signal.Signals(-code).name}" if code and code < 0 else f"ended with code {code}"
        return f"{self.name} {how}"

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end, at most `timeout` seconds. Returns the exit code.

        Raises:
            subprocess.TimeoutExpired: it still runs.
        """
        return self._popen.wait(timeout)

    def signal(self, number: int) -> None:
        """Send a signal to the process itself, not to its children."""
        self._popen.send_signal(number)

    def kill(self) -> None:
        """Kill the process and its children at once, as a power cut would."""
        tree = self._tree()
        self.signal(signal.SIGKILL)
        self.finish(tree, patience=0)

    def stop(self, patience: float = PATIENCE) -> None:
        """Ask the process to end; after `patience` seconds kill it and its children."""
        self.finish(self.ask_to_end(), patience)

    def ask_to_end(self) -> list[psutil.Process]:
        """Send its stop signal. Returns the children it had, for `finish`."""
        tree = self._tree()
        self.signal(self.stop_signal)
        return tree

    def finish(self, tree: list[psutil.Process], patience: float = PATIENCE) -> None:
        """Wait `patience` seconds for the end, then kill the process and the children in `tree`."""
        try:
            self._popen.wait(patience)
        except subprocess.TimeoutExpired:
            self._popen.kill()
        self._popen.wait()
        # Children may outlive their parent for a moment, longer if it was killed.
        for process in reaper.await_end(tree, min(patience, 1.0)):
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        reaper.await_end(tree, PATIENCE)

    def tail(self, lines: int = 20) -> str:
        """The last lines of the log."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def _tree(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self.pid).children(recursive=True) if self.running else []
        except psutil.NoSuchProcess:
            return []


class Processes:
    """Starts child processes; ends them when it is closed or when this process dies."""

    def __init__(self, logs: Path, *, pass_fds: Sequence[int] = ()) -> None:
        """Write logs to a folder. The file descriptors `pass_fds` stay open until all children have ended."""
        logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.logs = logs
        self._started: list[Process] = []
        self._reaper = subprocess.Popen(  # noqa: S603 - a script of this package
            [sys.executable, reaper.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=pass_fds,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stop_signal: int = signal.SIGTERM,
        account: Account = _THIS_USER,
    ) -> Process:
        """Start a command with `env` added to the environment; its output is appended to NAME.log.

        Raises:
            OSError: the command cannot be started.
        """
        log = self.logs / f"{name}.log"
        output = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        try:
            popen = subprocess.Popen(  # noqa: S603 - commands come from this repository
                [*account.prefix, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env={**os.environ, **(env or {})},
                user=account.uid,
                group=account.gid,
                extra_groups=None if account.uid is None else [],
                start_new_session=True,
            )
        finally:
            os.close(output)
        self._notify_reaper(f"+ {popen.pid} {int(stop_signal)}")
        process = Process(name, popen, log, stop_signal)
        self._forget_ended()
        self._started.append(process)
        return process

    def stop(self, *processes: Process) -> None:
        """Ask all processes to end, then wait for each."""
        asked = [(process, process.ask_to_end()) for process in processes]
        for process, tree in asked:
            process.finish(tree)
        self._forget_ended()

    def close(self) -> None:
        """End all processes, the last started first."""
        for process in reversed(self._started):
            process.stop()
        self._forget_ended()
        if self._reaper.stdin is not None:
            self._reaper.stdin.close()
        self._reaper.wait()

    def _forget_ended(self) -> None:
        for process in [one for one in self._started if not one.running]:
            self._notify_reaper(f"- {process.pid}")
            self._started.remove(process)

    def _notify_reaper(self, line: str) -> None:
        if self._reaper.stdin is not None:
            self._reaper.stdin.write(f"{line}\n".encode())
            self._reaper.stdin.flush()
