# Every target says what it does after `##`; `make` alone lists them.
.DEFAULT_GOAL := help
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

# The interpreter that makes .venv; anything from 3.11 on. Empty: the first suitable one on the PATH.
PYTHON ?=
# Further arguments for pytest: make test ARGS="tests/unit -k orders".
ARGS ?=
# make run ONCE=1 ends after the purchase.
ONCE ?=

PY := .venv/bin/python
SETUP := PYTHON="$(PYTHON)" scripts/setup.sh

.PHONY: help setup run test check chaos bench db.migrate db.schema docs pins clean

help: ## List every target
	@awk -F ':.*## ' '/^[a-z.]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make .venv and install everything a developer needs
	@$(SETUP) dev

run: ## Start everything, play one purchase, serve until Ctrl-C (ONCE=1: end after the purchase)
	@$(SETUP) local
	@echo "Starting Aula …"
	@exec $(PY) -m scripts.run $(if $(ONCE),--once)

test: ## Run the whole test suite on its own PostgreSQL and Valkey (ARGS="…" for pytest)
	@$(SETUP) dev
	@$(PY) -m pytest $(ARGS)

# The benchmark's rivals are typed as well, so their packages are needed here.
check: ## Check lint, format, types and import contracts
	@$(SETUP) bench
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m pyright
	$(PY) .venv/bin/lint-imports

chaos: ## Kill workers, relay, broker and database under 1,000 purchases and account for each
	@$(SETUP) dev
	@AULA_CHAOS=long $(PY) -m pytest tests/chaos --capture=no --timeout=3600 $(ARGS)

bench: ## Measure against Celery, Dramatiq, Taskiq and pgqueuer; writes docs/performance.md
	@$(SETUP) bench
	@$(PY) -m tests.bench

db.migrate: ## Bring the database to the newest revision (AULA_DATABASE_URL, else the one of make run)
	@$(SETUP) local
	@$(PY) -m scripts.migrate

db.schema: ## Write db/schema.sql from a freshly migrated database
	@$(SETUP) local
	@$(PY) -m scripts.db_schema

docs: ## Write the generated pages: settings, messages, endpoints
	@$(SETUP) local
	@$(PY) -m scripts.docs

pins: ## Pin the newest packages that pyproject.toml allows, with hashes
	@$(SETUP) dev
	@scripts/pins.sh

clean: ## Remove .venv, local data and caches (refused while something runs)
	@scripts/clean.sh
