"""Ends what a supervisor started when the supervisor is gone without ending it itself.

Started by `Processes` as a plain script. Its standard input is a pipe whose other end only the supervisor
holds, so the pipe's end means that the supervisor has ended, even by SIGKILL, on any system. Lines are
`+ PID SIGNAL` for a child that was started and `- PID` for one that has been ended.
"""

import signal
import sys
import time

import psutil

# Seconds between asking a process to end and ending it.
PATIENCE = 5.0
_POLL = 0.01


def main() -> None:
    """Read until the supervisor is gone, then end what it left."""
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    left: dict[int, tuple[psutil.Process, int]] = {}
    for line in sys.stdin:
        sign, pid, *stop_signal = line.split()
        if sign == "-":
            left.pop(int(pid), None)
        elif psutil.pid_exists(int(pid)):
            # psutil remembers when the process started: a later one of the same number is never signalled.
            left[int(pid)] = (psutil.Process(int(pid)), int(stop_signal[0]))
    end(list(left.values()))


def end(processes: list[tuple[psutil.Process, int]]) -> None:
    """Ask every process to end, and after `PATIENCE` seconds end whole trees."""
    everything: list[psutil.Process] = []
    for process, stop_signal in processes:
        try:
            everything += [process, *process.children(recursive=True)]
            process.send_signal(stop_signal)
        except psutil.NoSuchProcess:
            continue
    for process in await_end(everything, PATIENCE):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


def await_end(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait until all have ended, at most so many seconds; gives those that still run."""
    deadline = time.monotonic() + seconds
    while processes := [process for process in processes if runs(process)]:
        if time.monotonic() > deadline:
            break
        time.sleep(_POLL)
    return processes


def runs(process: psutil.Process) -> bool:
    """Whether a process still runs: one that only waits to be collected by its parent does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


if __name__ == "__main__":
    main()
