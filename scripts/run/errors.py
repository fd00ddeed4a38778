"""The error that ends `make run`."""

from collections.abc import Sequence
from pathlib import Path


class RunFailedError(Exception):
    """A step failed; `logs` are the files to read, most likely cause first."""

    def __init__(self, message: str, logs: Sequence[Path] = ()) -> None:
        super().__init__(message)
        self.logs = tuple(logs)
