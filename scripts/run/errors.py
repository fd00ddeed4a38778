"""The errors that end `make run`."""

from collections.abc import Sequence
from pathlib import Path


class RunFailedError(Exception):
    """A step failed; `logs` are the files to read, most likely cause first."""

    def __init__(self, message: str, logs: Sequence[Path] = ()) -> None:
        super().__init__(message)
        self.logs = tuple(logs)


class RequestFailedError(RunFailedError):
    """A request was answered with an error; `status` is its HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status
