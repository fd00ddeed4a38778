#!/bin/sh
# Removes what can be made again. Local data of a run that is still going is not touched.
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
            sys.exit(f"{lock.parent} is in use; end that run first")
END
fi
rm -rf .venv .local .pytest_cache .ruff_cache .import_linter_cache .hypothesis
find . -name __pycache__ -type d -prune -exec rm -rf {} +
