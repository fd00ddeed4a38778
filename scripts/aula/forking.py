"""`python -m scripts.aula.forking`: imports `aula` once, and forks a process for each command that it reads.

`scripts.aula.forked` is the other side. A command is a line of JSON; its answer is a line with the exit code.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any, Final

from scripts.aula.app import app

# In the order of their numbers.
STREAMS: Final = ("stdin", "stdout", "stderr")


def main() -> None:
    """Run each command of stdin, one at a time, until it ends."""
    for line in sys.stdin:
        process_id = os.fork()
        if not process_id:
            _run(json.loads(line))
        _, status = os.waitpid(process_id, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run(command: dict[str, Any]) -> None:
    """Become the command: its variables, its streams (files of a folder), its arguments."""
    os.environ.clear()
    os.environ.update(command["variables"])
    for number, name in enumerate(STREAMS):
        file = os.open(Path(command["folder"]) / name, os.O_RDWR | os.O_CREAT)
        os.dup2(file, number)
        os.close(file)
    # The old one has read ahead.
    sys.stdin = os.fdopen(0, encoding="utf-8")
    app(command["arguments"], prog_name="aula")


if __name__ == "__main__":
    main()
