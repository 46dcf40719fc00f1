PYTHON ?= python3
BIN := .venv/bin

# Several processes share the tests by the file, each in one thread: what a file prepares is prepared once.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

.PHONY: run test test-all check lint audit clean

# The full ablation: the environment, MNIST, five variants tuned and trained, the report.
run: .venv/.installed
	$(BIN)/aebench run

# All that guards a number, within minutes.
test: .venv/.installed-test
	$(PYTEST) -m "not long"

# That and the matrix of faults, bad inputs and clusters (tests/README.md).
test-all: .venv/.installed-test
	$(PYTEST)

check: lint test

lint: .venv/.installed-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python .ci/audit_dependencies.py

# Known vulnerabilities of what is installed, alone.
audit: .venv/.installed-test
	$(BIN)/python .ci/audit_dependencies.py

clean:
	rm -rf .venv

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "aebench needs Python 3.11 or newer; name one with: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv

.venv/.installed: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/.installed-test: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@
