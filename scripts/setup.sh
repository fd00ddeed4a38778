#!/bin/sh
# Finds Python 3.11 or newer and runs setup.py. PYTHON=/path/to/python chooses one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
if [ -n "${PYTHON:-}" ]; then
    if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "PYTHON=$PYTHON cannot be used: it is no program, or older than Python 3.11." >&2
        exit 1
    fi
    exec "$PYTHON" "$here/setup.py" "$@"
fi
for python in python3 python3.13 python3.12 python3.11 python3.14 python; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        exec "$python" "$here/setup.py" "$@"
    fi
done
echo "Aula needs Python 3.11 or newer; none was found on the PATH." >&2
echo "Install it, or name one: make run PYTHON=/path/to/python3.11" >&2
exit 1
