# Everything that a person does with this project. `make` alone says what there is.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help demo run test check bless generated chaos clean

help:
	@echo "make demo        the dashboard on the bundled simulator: no kiro-cli, no account"
	@echo "make run         the dashboard on your own kiro-cli"
	@echo "make test        all tests, with format, lint and types before them"
	@echo "make check       format, lint and types only"
	@echo "make bless       write the pictures under snapshots/ anew (look at each before you commit it)"
	@echo "make generated   write the completions and the man page under share/ anew"
	@echo "make chaos       1,000 runs of hostile children, and what they left behind"
	@echo "make clean       remove what the above has made"

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "kiro-tui needs Python 3.11 or newer; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { echo "This Python cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(READY)
	@$(BIN)/kiro-tui --demo

run: $(READY)
	@$(BIN)/kiro-tui

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

test: check
	$(BIN)/python -m pytest --numprocesses 3 --dist worksteal

bless: $(READY)
	$(BIN)/python -m pytest --quiet --bless tests/test_images*.py
	git status --short snapshots

generated: $(READY)
	$(BIN)/python packaging/generate.py
	git status --short share

chaos: $(READY)
	$(BIN)/python tests/chaos.py --runs 1000 --lanes 4

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
