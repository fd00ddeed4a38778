#!/bin/sh
# Finds a Python that is new enough and hands over to setup.py. PYTHON=/path/to/python chooses one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
for python in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14 python; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        exec "$python" "$here/setup.py" "$@"
    fi
done
echo "Aula needs Python 3.11 or newer, and found none on the PATH." >&2
echo "Install one, or name it: make run PYTHON=/path/to/python3.11" >&2
exit 1
