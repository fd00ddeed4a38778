"""The settings of one run: others may serve from the same tree at the same time."""

from collections.abc import Mapping

import psutil


def run_variables(run_id: int) -> Mapping[str, str]:
    """The AULA_ variables that the run with this process id gives to its processes."""
    for child in psutil.Process(run_id).children(recursive=True):
        found = {name: value for name, value in child.environ().items() if name.startswith("AULA_")}
        if "AULA_DATABASE_URL" in found:
            return found
    raise AssertionError("the run has no process with settings")
