"""Child processes write logs and end with their supervisor."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from scripts.local.processes import Process, Processes
from scripts.local.reaper import await_end

DEADLINE = 30.0
# Starts a child, prints its pid, and ignores SIGTERM.
STUBBORN = (
    "import signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "print(child.pid, flush=True)\n"
    "time.sleep(600)\n"
)


def python(processes: Processes, script: str) -> Process:
    return processes.start("try", [sys.executable, "-c", script])


def first_line(process: Process) -> str:
    while process.running and not process.tail():
        pass
    return process.tail()


def test_output_goes_to_a_log_that_only_its_owner_can_read(tmp_path: Path) -> None:
    with Processes(tmp_path / "logs") as processes:
        process = python(processes, "import sys; print('said', flush=True); sys.exit('complained')")
        assert process.wait(DEADLINE) == 1
    assert process.tail() == "said\ncomplained"
    assert process.log.stat().st_mode & 0o077 == 0


def test_the_given_environment_extends_the_inherited_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AULA_OURS", "1")
    script = "import os; print(os.environ['AULA_OURS'], os.environ['AULA_GIVEN'])"
    with Processes(tmp_path) as processes:
        process = processes.start("try", [sys.executable, "-c", script], env={"AULA_GIVEN": "2"})
        assert process.wait(DEADLINE) == 0
    assert process.tail() == "1 2"


def test_a_process_that_ignores_sigterm_is_killed_with_its_children(tmp_path: Path) -> None:
    with Processes(tmp_path) as processes:
        process = python(processes, STUBBORN)
        child = psutil.Process(int(first_line(process)))
        process.stop(patience=0.1)
    assert process.returncode == -signal.SIGKILL
    assert await_end([child], DEADLINE) == []


def test_processes_of_a_killed_supervisor_are_killed_although_they_ignore_sigterm(tmp_path: Path) -> None:
    script = (
        "import pathlib, sys, time\n"
        "from scripts.local.processes import Processes\n"
        f"with Processes(pathlib.Path({str(tmp_path)!r})) as processes:\n"
        f"    process = processes.start('try', [sys.executable, '-c', {STUBBORN!r}])\n"
        "    while not process.tail(): time.sleep(0.01)\n"
        "    print(process.pid, process.tail(), flush=True)\n"
        "    time.sleep(600)\n"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as supervisor:  # noqa: S603 - the script above
        assert supervisor.stdout is not None
        left = [psutil.Process(int(pid)) for pid in supervisor.stdout.readline().split()]
        supervisor.kill()
    assert len(left) == 2
    assert await_end(left, DEADLINE) == []


def test_processes_started_elsewhere_keep_running(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as bystander:
        with Processes(tmp_path) as processes:
            python(processes, "import time; time.sleep(600)")
        assert bystander.poll() is None
        bystander.communicate(b"\n", timeout=DEADLINE)
    assert bystander.returncode == 0
