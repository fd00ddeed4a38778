#!/bin/sh
# Removes generated files and local data. Refused while a run uses the data.
set -eu

cd "$(dirname "$0")/.."
if [ -x .venv/bin/python ] && [ -d .local ]; then
    .venv/bin/python - <<'END'
import fcntl, pathlib, sys

for lock in pathlib.Path(".local").glob("*/lock"):
    with lock.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"{lock.parent} is in use; stop that run first")
END
fi
rm -rf .venv .local .pytest_cache .ruff_cache .import_linter_cache .hypothesis
find . -name __pycache__ -type d -prune -exec rm -rf {} +
