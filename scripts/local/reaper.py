"""Ends the children of a parent process that was killed.

Started by `Processes` as a script. Its standard input is a pipe from the parent, so end of file means that the
parent has ended, by SIGKILL too, on any system. Input lines: `+ PID SIGNAL` for a child that was started,
`- PID` for a child that has ended.
"""

import signal
import sys
import time

import psutil

# Seconds between asking a process to end and killing it.
PATIENCE = 5.0
_POLL = 0.01


def main() -> None:
    """Read until the parent has ended, then end its remaining children."""
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    children: dict[int, tuple[psutil.Process, int]] = {}
    for line in sys.stdin:
        sign, pid, *stop_signal = line.split()
        if sign == "-":
            children.pop(int(pid), None)
        elif psutil.pid_exists(int(pid)):
            # psutil compares start times: a later process with the same id is never signalled.
            children[int(pid)] = (psutil.Process(int(pid)), int(stop_signal[0]))
    end(list(children.values()))


def end(processes: list[tuple[psutil.Process, int]]) -> None:
    """Ask every process to end; after `PATIENCE` seconds kill it and its children."""
    tree: list[psutil.Process] = []
    for process, stop_signal in processes:
        try:
            tree += [process, *process.children(recursive=True)]
            process.send_signal(stop_signal)
        except psutil.NoSuchProcess:
            continue
    for process in await_end(tree, PATIENCE):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


def await_end(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait until all have ended, at most `seconds`. Returns those that still run."""
    deadline = time.monotonic() + seconds
    while processes := [process for process in processes if is_running(process)]:
        if time.monotonic() > deadline:
            break
        time.sleep(_POLL)
    return processes


def is_running(process: psutil.Process) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


if __name__ == "__main__":
    main()
