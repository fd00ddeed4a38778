"""The supervisor of `make run`."""

import pytest

from scripts.local.processes import Processes
from scripts.run.errors import RunFailedError
from scripts.run.progress import PlainProgress
from tests.unit.scripts.conftest import MakeSupervisor

RUN_LONG = "print('started', flush=True); import time; time.sleep(600)"


def test_a_process_that_ends_during_start_is_named_with_its_log(
    make_supervisor: MakeSupervisor, processes: Processes, progress: PlainProgress
) -> None:
    with (
        make_supervisor(api=RUN_LONG, relay="import sys; sys.exit(3)") as supervisor,
        pytest.raises(RunFailedError, match="relay ended with code 3") as failed,
    ):
        supervisor.start(progress)
    assert failed.value.logs == (processes.logs / "relay.log",)


def test_the_log_of_an_earlier_run_does_not_count_as_ready(
    make_supervisor: MakeSupervisor, processes: Processes, progress: PlainProgress
) -> None:
    (processes.logs / "api.log").write_text("started long ago\n")
    with (
        make_supervisor(api="import sys; sys.exit(4)") as supervisor,
        pytest.raises(RunFailedError, match="api ended with code 4"),
    ):
        supervisor.start(progress)


def test_all_processes_end_with_the_supervisor(make_supervisor: MakeSupervisor, progress: PlainProgress) -> None:
    with make_supervisor(api=RUN_LONG, relay=RUN_LONG) as supervisor:
        supervisor.start(progress)
        supervisor.check()
    with pytest.raises(RunFailedError, match="was ended by SIGTERM"):
        supervisor.check()


def test_a_killed_process_is_started_again_and_waited_for(
    make_supervisor: MakeSupervisor, progress: PlainProgress
) -> None:
    with make_supervisor(api=RUN_LONG, worker=RUN_LONG) as supervisor:
        supervisor.start(progress)
        supervisor.kill("worker")
        with pytest.raises(RunFailedError, match="worker was ended by SIGKILL"):
            supervisor.check()
        supervisor.start_again("worker")
        supervisor.check()
        assert supervisor.log_of("worker").read_text() == "started\n"
