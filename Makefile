# `make serve` and `make test` need nothing but Python 3.11 or later and GNU make.
PYTHON ?= python3
VENV ?= .venv
PORT ?= 3000
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help install serve test soak train ui lint lock benchmark

help: ## show what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Made anew when the lock or the project's metadata change; otherwise make finds it up to date at once.
$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Kawat needs Python 3.11 or later, this is " + sys.version + "; say which with PYTHON=…")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

install: $(VENV)/installed ## install into .venv from the lock

serve: install ## serve the champion; train one first if there is none
	$(BIN)/kawat models --champion --quiet || $(BIN)/kawat train --quick
	$(BIN)/kawat serve --port $(PORT)

test: install ## lint, check types, run all tests
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

soak: install ## long tests: ten minutes of load, ten thousand hostile requests, twenty killed trainings
	$(BIN)/python -m pytest -m soak

train: install ## train on the embedded corpus
	$(BIN)/kawat train

ui: install ## open the MLflow UI on this folder's runs
	$(BIN)/kawat ui

lint: install ## lint and check types
	$(BIN)/ruff check .
	$(BIN)/mypy

benchmark: install ## measure against the peers and write the README's table
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.serving
	$(BIN)/python -m benchmarks.own_labels

lock: ## compile requirements.lock from pyproject.toml (needs pip-tools)
	pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-annotate --no-header --no-emit-index-url \
		--no-emit-find-links --no-emit-trusted-host --no-emit-options --extra dev --extra benchmark --output-file requirements.lock pyproject.toml
