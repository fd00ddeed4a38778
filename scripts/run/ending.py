"""How a run ends: by a signal, or by a failure that is printed."""

import os
import signal
from types import FrameType

from rich.console import Console

from scripts.run.errors import RunFailedError

_LOG_TAIL_LINES = 12


def end_by_exception() -> None:
    """Let SIGTERM and SIGINT raise KeyboardInterrupt, so that each context stops what it started."""
    signal.signal(signal.SIGTERM, _terminate)
    # A shell ignores SIGINT for its background jobs; Ctrl-C must work there too.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def begin_shutdown(console: Console) -> None:
    """Say that the processes stop; a second Ctrl-C no longer interrupts that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    console.print("Stopping every process …")


def print_failure(console: Console, error: Exception) -> None:
    """Print the error and the last lines of the logs that explain it."""
    console.print(f"\nFailed: {error}", style="bold red", markup=False, soft_wrap=True)
    for log in error.logs if isinstance(error, RunFailedError) else ():
        console.print(f"\nRead {os.path.relpath(log)}; its last lines:", style="bold", soft_wrap=True)
        text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        tail = "\n".join(text.splitlines()[-_LOG_TAIL_LINES:])
        console.print(tail, markup=False, highlight=False, soft_wrap=True)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
