#!/bin/sh
# Pins the packages of every set for all systems, with hashes and without index addresses.
set -eu

cd "$(dirname "$0")/.."
uv=.venv/bin/uv
pin() {
    "$uv" pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --quiet \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links "$@"
}
pin --output-file requirements/production.txt
for set in client local dev bench; do
    pin --group "$set" --output-file "requirements/$set.txt"
done
