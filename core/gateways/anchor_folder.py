"""Anchors as files of a folder, which may be mounted from another machine or an object store."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from core.ports.errors import GatewayRejected, GatewayUnavailable

_SUFFIX: Final = ".json"


class AnchorFolder:
    """One file for each anchor, named by its number; a file that is there is never written again.

    The folder is not made: a mount that is missing must not look like an empty place.
    """

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def put(self, number: int, text: str) -> None:
        """Write the file and wait for the disk. Raises GatewayUnavailable or GatewayRejected."""
        path, content = self._folder / f"{number:012}{_SUFFIX}", f"{text}\n"
        try:
            if path.exists():
                kept = path.read_text(encoding="utf-8")
            else:
                _write(path, content)
                kept = content
        except OSError as error:
            raise GatewayUnavailable(f"the anchors' folder: {error}") from error
        if kept != content:
            raise GatewayRejected(f"{path.name} is another anchor of that number: the database was changed or restored")

    def read(self) -> Sequence[str]:
        """The content of every file. Raises GatewayUnavailable."""
        try:
            paths = sorted(path for path in self._folder.iterdir() if path.suffix == _SUFFIX)
            return [path.read_text(encoding="utf-8") for path in paths]
        except (OSError, UnicodeDecodeError) as error:
            raise GatewayUnavailable(f"the anchors' folder: {error}") from error


def _write(path: Path, content: str) -> None:
    """Under another name first: a crash leaves no half of an anchor."""
    unfinished = path.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
