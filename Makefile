# 公物仓: `make help` lists the targets.
# Every target sets up what it needs; a second set-up compares two hashes and is done.

PYTHON ?= python3.11
PY := .venv/bin/python
# Paths that exist: packages arrive one by one, and the tools refuse a path that is not there.
TYPED := $(wildcard server miniapp_api storefront admin scripts bench tests/support tests/house tests/tooling)

export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test check fix bench soak guards lock
.NOTPARALLEL:

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: ## make .venv and node_modules from the lock files, and the static files from them
	@$(PYTHON) -m scripts.setup
	@$(PY) -m scripts.build_static --if-stale

demo: setup ## start the product on 127.0.0.1:8000 with demo data (PORT=, DATA_DIR= move it)
	@exec $(PY) -m server demo

test: setup ## run every test on both storages (ARGS="tests/kernel -k outbox", STORAGES=sqlite, WORKERS=1)
	@exec $(PY) -m scripts.test $(ARGS)

check: setup ## format, lint, types, import contracts, house lints
	@$(PY) -m ruff format --check --quiet --output-format concise . || { echo "check: not formatted; make fix does it" >&2; exit 1; }
	@$(PY) -m ruff check --quiet .
	@$(PY) -m mypy $(TYPED)
	@PYTHONPATH=. .venv/bin/lint-imports --no-cache --no-logo
	@$(PY) -m tests.house

fix: setup ## format and repair what can be repaired by itself
	@$(PY) -m ruff check --quiet --fix . ; $(PY) -m ruff format --quiet .

bench: setup ## print ratios against floors of the same run (BENCH=name; without one: the list)
	@exec $(PY) -m bench $(BENCH)

soak: setup ## the tests at full size
	@SOAK=1 exec $(PY) -m scripts.test $(ARGS)

guards: setup ## take out each guard in turn and require that some test fails
	@exec $(PY) -m scripts.guards $(ARGS)

lock: setup ## rewrite the lock files from requirements*.in and package.json
	@$(PY) -m scripts.lock
