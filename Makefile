# The text after `##` is the help of a target; `make` without a target prints all.
.DEFAULT_GOAL := help
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

# The Python (3.11 or newer) that creates .venv. Empty: the first suitable one on the PATH.
PYTHON ?=
# More arguments for pytest: make test ARGS="tests/unit -k orders".
ARGS ?=
# make run ONCE=1 ends after the seminar.
ONCE ?=
# make drill PURCHASES=20 is the short form.
PURCHASES ?=
# make client.app TARGET=ipa builds for iOS.
TARGET ?=

PY := .venv/bin/python
SETUP := PYTHON="$(PYTHON)" scripts/setup.sh

.PHONY: help setup run client client.app client.test client.operations smoke drill test check chaos fuzz bench db.migrate db.schema docs pins clean

help: ## List every target
	@awk -F ':.*## ' '/^[a-z.]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Create .venv and install the developer packages
	@$(SETUP) dev

run: ## Start every process, play a purchase and a seminar, serve until Ctrl-C (ONCE=1: end after the seminar)
	@$(SETUP) local
	@echo "Starting Aula …"
	@exec $(PY) -m scripts.run $(if $(ONCE),--once)

client: ## Serve the app alone at http://127.0.0.1:8550/app (AULA_API_URL names the API)
	@$(SETUP) local
	@exec $(PY) -m client

smoke: ## Check that a teacher sells, a student buys and learns, an operator replays (AULA_URL: on a running system)
	@$(SETUP) local
	@exec $(PY) -m scripts.qa_teacher_smoke

drill: ## Cause five faults during 200 purchases, find and repair each with the operator's tools (PURCHASES=…)
	@$(SETUP) local
	@exec $(PY) -m scripts.drill $(if $(PURCHASES),--purchases $(PURCHASES))

# The crash tests take longest. In the order of the folders they are among the first to start.
test: ## Run the whole test suite on up to four cores, on its own PostgreSQL and Valkey (ARGS="…" for pytest)
	@$(SETUP) dev
	@$(PY) -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder $(ARGS)

# pyright also checks tests/bench, which imports the other queues.
check: ## Check lint, format, types and import contracts
	@$(SETUP) bench
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m pyright
	$(PY) .venv/bin/lint-imports

chaos: ## Kill workers, relay, broker and database during 1,000 purchases, then check each purchase
	@$(SETUP) dev
	@AULA_CHAOS=long $(PY) -m pytest tests/chaos --capture=no --timeout=3600 $(ARGS)

fuzz: ## Send requests made from the OpenAPI document, for 10 minutes as each of three callers (SECONDS=…)
	@$(SETUP) dev
	@AULA_FUZZ_SECONDS=$(or $(SECONDS),600) $(PY) -m pytest -q tests/clients/test_fuzz.py

bench: ## Measure against Celery, Dramatiq, Taskiq and pgqueuer; writes docs/performance.md
	@$(SETUP) bench
	@$(PY) -m tests.bench

client.app: ## Build the app with Flutter's SDK (TARGET=apk, aab, ipa, web, macos, windows or linux)
	@$(SETUP) local
	@$(PY) -m scripts.client_app $(or $(TARGET),apk)

client.test: ## Drive the app in Chromium: buy, learn, post, book, join, refund
	@$(SETUP) dev
	@AULA_CLIENT_TESTS=1 $(PY) -m pytest tests/e2e/test_app.py $(ARGS)

client.operations: ## Write client/operations from the OpenAPI document
	@$(SETUP) dev
	@$(PY) -m scripts.client_operations

db.migrate: ## Migrate the database to the newest revision (AULA_DATABASE_URL, else the one of make run)
	@$(SETUP) local
	@$(PY) -m scripts.migrate

db.schema: ## Write db/schema.sql and the generated parts of docs/data-model.md
	@$(SETUP) local
	@$(PY) -m scripts.db_schema

docs: ## Write the generated pages: API, audit tags, messages, settings
	@$(SETUP) local
	@$(PY) -m scripts.docs

pins: ## Pin the newest packages that pyproject.toml allows, with hashes
	@$(SETUP) dev
	@scripts/pins.sh

clean: ## Remove .venv, local data and caches (refused while a run is active)
	@scripts/clean.sh
