# Everything runs in .venv, made here with Python 3.11 and pip alone. See README.md.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test check bench soak tables lock clean

demo: $(VENV)/.runtime
	@$(BIN)/ror-gateway demo

test: $(VENV)/.dev
	@$(BIN)/python -m pytest -n 2 --dist loadfile -q

check: $(VENV)/.dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/test_architecture.py

# The long form of the proofs: a thousand documents for each generator, every establishment for the losses.
soak: $(VENV)/.dev
	@HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -n 2 --dist loadfile -q --timeout 7200 tests/mappings tests/scenarios tests/corpora tests/whitelist

# Writes the generated tables of docs/; the tests only check that they are current.
tables: $(VENV)/.dev
	@$(BIN)/python -m gateway.tables

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or later is needed, this is " + sys.version.split()[0])'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: $(VENV)/bin/python requirements/runtime.txt pyproject.toml
	@echo "Installing the environment (.venv) / Installation de l'environnement (.venv)" >&2
	@$(PIP) install --only-binary :all: --require-hashes -r requirements/runtime.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	@$(PIP) install --only-binary :all: --require-hashes -r requirements/dev.txt
	@touch $@

# All, or one: make bench ONLY=translation
bench: $(VENV)/.dev
	@$(BIN)/python -m benchmarks $(ONLY)

# Needs uv; writes hashes only, never the address of a registry.
lock:
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links -o requirements/runtime.txt pyproject.toml requirements/build.in
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --extra dev -c requirements/runtime.txt -o requirements/dev.txt pyproject.toml

clean:
	@rm -rf $(VENV) build *.egg-info
