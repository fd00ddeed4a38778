"""The environment of the run that serves now, for commands beside it."""

import json
from collections.abc import Mapping
from pathlib import Path

from scripts.local.instances import LOCAL, is_claimed

# In the folder of the run; readable by its owner alone, because it has the run's secrets.
_FILE = "environment.json"


def publish(folder: Path, variables: Mapping[str, str]) -> None:
    """Keep the variables of a run in its folder."""
    path = folder / _FILE
    path.touch(mode=0o600)
    path.write_text(json.dumps(dict(variables)), encoding="utf-8")


def running_environment(name: str = "run", *, parent: Path = LOCAL) -> Mapping[str, str] | None:
    """The variables of the running instance of `name` that was started first; None when none runs."""
    for path in sorted(parent.glob(f"{name}-*/{_FILE}"), key=lambda path: int(path.parent.name.rpartition("-")[2])):
        if is_claimed(path.parent):
            return json.loads(path.read_text(encoding="utf-8"))
    return None
