#!/bin/sh
# The command `aula`. scripts/setup.py links it into .venv/bin, the Dockerfile into /usr/local/bin.
root=$(dirname "$(dirname "$(readlink -f "$0")")")
python=$root/.venv/bin/python
[ -x "$python" ] || python=python3
# -P: a folder `scripts` where the command is called must not be taken for this one.
PYTHONPATH=$root${PYTHONPATH:+:$PYTHONPATH} exec "$python" -P -m scripts.aula "$@"
