"""The folders in which runs keep their data: each has one at a time, and gets it again next time."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.local.errors import LocalServiceError

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
_MOST = 50


@dataclass(frozen=True, slots=True)
class Instance:
    """A folder of our own, and the lock that says so."""

    folder: Path
    number: int
    lock: int


@contextmanager
def claim_instance(name: str, *, parent: Path = LOCAL) -> Generator[Instance]:
    """The first of NAME-1, NAME-2, … that no other run uses, until the context ends.

    Children that inherit the lock's descriptor keep the folder taken for as long as they live.

    Raises:
        LocalServiceError: no folder can be had; the message says why.
    """
    for number in range(1, _MOST + 1):
        folder = parent / f"{name}-{number}"
        lock = _lock(folder)
        if lock is not None:
            try:
                yield Instance(folder, number, lock)
            finally:
                os.close(lock)
            return
    raise LocalServiceError(f"{parent} already holds {_MOST} running instances of {name}; end some of them")


def _lock(folder: Path) -> int | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise LocalServiceError(f"cannot write in {folder}: {error.strerror}; make it yours") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock
