# Everything that a person does with this project. `make` alone says what there is.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

CAMPAIGN := PYTHONPATH=tests $(BIN)/python -m campaigns

.PHONY: help demo run test check bless generated bench chaos soak kills fuzz search nightly mutants reliability clean

help:
	@echo "make demo        the dashboard on the bundled simulator: no kiro-cli, no account"
	@echo "make run         the dashboard on your own kiro-cli"
	@echo "make test        all tests, with format, lint and types before them"
	@echo "make check       format, lint and types only"
	@echo "make bless       write the pictures under snapshots/ anew (look at each before you commit it)"
	@echo "make generated   write the completions and the man page under share/ anew"
	@echo "make bench       what it costs, beside htop and Textual's own: half an hour, on a quiet machine"
	@echo "make chaos       1,000 runs of hostile children, and what they left behind"
	@echo "make soak        5,000 polls with everything that can happen to them, and what grew"
	@echo "make kills       200 dashboards killed at random moments, and what was lost"
	@echo "make fuzz        half an hour of odd bytes; MINUTES=5 for less, SEED=1 for the same again"
	@echo "make search      half an hour of new examples for the property tests; MINUTES and SEED as above"
	@echo "make nightly     search and fuzz with new seeds"
	@echo "make mutants     breaks the code a thousand times, to see whether the tests notice"
	@echo "make reliability writes docs/reliability.md from what the four above have kept"
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

bench: $(READY)
	$(BIN)/python -m benchmarks --check

chaos: $(READY)
	$(CAMPAIGN).chaos --runs 1000 --lanes 4

soak: $(READY)
	$(CAMPAIGN).soak --polls 5000 --keep

kills: $(READY)
	$(CAMPAIGN).kills --kills 200 --keep

# Atheris guides the fuzz by coverage where it can be installed; without it the grammar has all the time.
fuzz search nightly: MINUTES ?= 30
fuzz: KEEP ?= --keep
fuzz: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'atheris>=3,<4' || echo "no atheris: fuzzing by grammar only"
	$(CAMPAIGN).fuzz --minutes $(MINUTES) $(KEEP) $(if $(SEED),--seed $(SEED))

# With libcst and black Hypothesis writes a patch that adds a counterexample to its test; without them it is printed only.
search: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'libcst>=1' 'black>=24' --constraint constraints.txt || echo "no libcst or black: counterexamples are printed only"
	$(CAMPAIGN).search --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

# The fuzz runs also where the search has found something. What it counted is not kept: it belongs to no document.
nightly:
	@status=0; $(MAKE) search || status=1; $(MAKE) fuzz KEEP= || status=1; exit $$status

mutants: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'mutmut>=3.8,<4' 'coverage>=7,<8' --constraint constraints.txt
	$(CAMPAIGN).mutants --sample 300 --keep

reliability: $(READY)
	$(CAMPAIGN).report

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
