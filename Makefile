# `make help` lists what can be done here. Each target does the set-up it needs.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo run test test-anywhere lint types bench drills mutants texts clean ready-to-test

BIN := .venv/bin
CSAT := $(BIN)/flask csat
DEMO := instance/demo
TEXTS := csat/translations

# The demo and the tests never touch the store, the keys or the mail of a real installation.
IN_DEMO := env -u CSAT_DATABASE -u CSAT_FILES -u CSAT_KEYS -u CSAT_SMTP_URL CSAT_INSTANCE="$(CURDIR)/$(DEMO)"
# Compiled once and kept: otherwise every program that a test starts compiles everything anew.
ALONE := env -u PYTHONDONTWRITEBYTECODE $(patsubst %,-u %,$(filter CSAT_%,$(.VARIABLES)))

SUITE := $(BIN)/python -m pytest -n 2 --dist worksteal -m 'not bench and not fault'

help: ## what can be done here
	@echo 'make TARGET, where TARGET is one of'
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/\1\t\2/p' Makefile | while IFS=$$'\t' read -r name text; do printf '  %-13s %s\n' "$$name" "$$text"; done

setup: ## install what the application needs, nothing else
	@tools/setup run

ready-to-test:
	@tools/setup test

demo: setup $(DEMO)/welcome.txt ## a fictional provider's eight quarters, then the server
	@cat $(DEMO)/welcome.txt
	@echo 'To start again with a fresh demo: rm -r $(DEMO)'
	@$(IN_DEMO) $(CSAT) serve

# The welcome is written last: a demo that was interrupted while it filled is filled anew.
$(DEMO)/welcome.txt: | setup
	@rm -rf $(DEMO) && mkdir -p $(DEMO)
	@echo 'Filling the demo store in $(DEMO) …'
	@$(IN_DEMO) $(CSAT) demo >$(DEMO)/welcome.part
	@mv $(DEMO)/welcome.part $@

run: export CSAT_INSTANCE ?= $(CURDIR)/instance
run: setup ## the server with its own store, empty at first
	@$(CSAT) init
	@$(CSAT) serve

test: ready-to-test lint types ## everything that CI runs
	@$(ALONE) $(SUITE)
	@echo 'Style, types and tests: all well.'

# In any order, and where it is another day: from the last minute of a year on, and at the end of a quarter.
test-anywhere: SEED := $(shell date +%s)
test-anywhere: ready-to-test ## the tests in a random order (SEED=…), and on other days in other zones
	@echo 'In the order of SEED=$(SEED)'
	@$(ALONE) $(SUITE) --shuffle $(SEED)
	@$(ALONE) tools/at '2026-12-31 23:59' America/St_Johns $(SUITE)
	@$(ALONE) tools/at '2027-01-01 00:30' Pacific/Kiritimati $(SUITE)
	@$(ALONE) tools/at '2027-03-31 23:30' America/St_Johns $(SUITE)

lint: ready-to-test ## style and likely mistakes
	@$(BIN)/ruff check .

types: ready-to-test ## types
	@$(BIN)/mypy

bench: ready-to-test ## how fast it is, as a table
	@$(ALONE) $(BIN)/python -m tests.bench

drills: ready-to-test ## faults and attacks, as a table
	@$(ALONE) $(BIN)/python -m tests.drills

mutants: ONLY :=
mutants: ## the rules broken in every small way: whether the tests beside them notice (ONLY="tally …")
	@tools/setup mutants
	@$(ALONE) $(BIN)/python tools/mutants.py $(ONLY)

texts: ready-to-test ## gather the texts to translate into csat/translations
	@mkdir -p build
	@$(BIN)/pybabel --quiet extract -F babel.cfg -k lazy_gettext -k lazy_ngettext:1,2 -k lazy_pgettext:1c,2 -k _l -k say \
	    -k N_ -k record:2 --no-location --sort-output --width=120 --project=csat -o build/texts.pot .
	@ls $(TEXTS)/*/LC_MESSAGES/messages.po >/dev/null 2>&1 || $(BIN)/pybabel init -l zh -i build/texts.pot -d $(TEXTS)
	@$(BIN)/pybabel update --width=120 --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -i build/texts.pot -d $(TEXTS)

clean: ## remove caches and builds; .venv and the stores stay
	@rm -rf build dist mutants *.egg-info .coverage .coverage.* htmlcov .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find csat tests -name '__pycache__' -prune -exec rm -rf {} + ; find $(TEXTS) -name '*.mo' -delete
