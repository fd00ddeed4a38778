"""What ends `make run` early."""

from collections.abc import Sequence
from pathlib import Path


class RunFailedError(Exception):
    """A step or a hop failed; `logs` are what to read, the likeliest first."""

    def __init__(self, message: str, logs: Sequence[Path] = ()) -> None:
        super().__init__(message)
        self.logs = tuple(logs)
