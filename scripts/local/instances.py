"""The data folders of runs: one run per folder at a time, reused by the next run."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.local.errors import LocalServiceError

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
_MAX_INSTANCES = 50


@dataclass(frozen=True, slots=True)
class Instance:
    """A data folder and the descriptor of its lock."""

    folder: Path
    number: int
    lock: int


@contextmanager
def claim_instance(name: str, *, parent: Path = LOCAL) -> Generator[Instance]:
    """Lock the first free folder of NAME-1, NAME-2, … until the context ends.

    Children that inherit the descriptor hold the lock until they end.

    Raises:
        LocalServiceError: no folder can be locked; the message says why.
    """
    for number in range(1, _MAX_INSTANCES + 1):
        folder = parent / f"{name}-{number}"
        lock = _lock(folder)
        if lock is not None:
            try:
                yield Instance(folder, number, lock)
            finally:
                os.close(lock)
            return
    raise LocalServiceError(f"{parent} already holds {_MAX_INSTANCES} running instances of {name}; stop some of them")


def _lock(folder: Path) -> int | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise LocalServiceError(f"cannot write in {folder}: {error.strerror}; check its permissions") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def is_claimed(folder: Path) -> bool:
    """Whether a run uses the folder now."""
    lock = _lock(folder)
    if lock is None:
        return True
    os.close(lock)
    return False
