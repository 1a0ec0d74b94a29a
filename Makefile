# The commands of the project. `make up` and `make test` set up everything they need.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
# The mutation tool and what it needs come over the venv, pinned, for as long as it runs.
MUTATION = $(VENV)/bin/uv run --quiet --no-project --python $(PY) --with-requirements tests/mutation/requirements.txt -- \
	python -W ignore -m tests.mutation

COMPILE = $(VENV)/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal \
	--python-version 3.11

.DEFAULT_GOAL := help
.PHONY: kill-matrix mutants help up down status policies report test lint check bench format docs golden requirements clean

help: ## Show the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: $(INSTALLED) ## Bring both regions up in the sandbox, with the policies checked
	@$(PY) -m sandbox up

down: $(INSTALLED) ## Take both regions down again, secondary first
	@$(PY) -m sandbox down

status: $(INSTALLED) ## Show what stands where
	@$(PY) -m sandbox status

policies: $(INSTALLED) ## Preview both stacks on the engine that is on PATH and judge them together, as a pull request is
	@$(PY) -m policies pull-request primary secondary

report: $(INSTALLED) ## Say what the platform in the sandbox survives, here and as a page in build/resilience
	@eval "$$($(PY) -m sandbox env)" && $(PY) -m resilience report primary secondary --out build/resilience

test: lint check ## Run everything: lint, types, tests

lint: $(INSTALLED) ## Check style and types
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/pyright

# A file at a time, in order: those that run the engine begin early, and stay in one process with their sandbox.
check: $(INSTALLED) ## Run the tests
	$(VENV)/bin/pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

bench: $(INSTALLED) ## Measure previews and policies against their limits (some twelve minutes)
	@$(PY) -W ignore -m benchmarks

format: $(INSTALLED) ## Bring the code into the house form
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

docs: $(INSTALLED) ## Write the schema and the page of the settings, and the pages of the policies, from the code that enforces them
	$(PY) -m infra.settings > docs/settings.schema.json
	$(PY) -m infra.settings reference > docs/settings.md
	$(PY) -m scripts.policy_pages

kill-matrix: $(INSTALLED) ## Write which rule finds which mutant of the tests' platform (half a minute)
	$(PY) -W ignore -m tests.mutation matrix

mutants: $(INSTALLED) kill-matrix ## Break the rules' own code, and what the stacks deploy (hours; goes on where it ended)
	$(PY) -W ignore -m tests.mutation stacks
	$(MUTATION) code
	$(MUTATION) report

golden: $(INSTALLED) ## Rewrite the lists of both stacks' resources; review their diff
	$(PY) -W ignore -m tests.house.stacks

requirements: $(INSTALLED) ## Pin every dependency again, with hashes
	$(COMPILE) --all-extras pyproject.toml -o requirements.txt
	$(COMPILE) tests/mutation/requirements.in -o tests/mutation/requirements.txt

clean: ## Remove the venv and the sandbox's state (not the user-wide cache)
	@if [ -d .sandbox ] && [ -x $(PY) ]; then $(PY) -m sandbox stop; fi
	rm -rf $(VENV) .sandbox

# The stamp is made last: an interrupted installation is taken up again.
$(INSTALLED): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "tandem needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Set PYTHON=python3.11")'
	@command -v pulumi >/dev/null || command -v go >/dev/null || \
		ls "$${XDG_CACHE_HOME:-$$HOME/.cache}"/tandem/engine/*/pulumi >/dev/null 2>&1 || \
		echo "Note: there is neither Go nor a Pulumi CLI on PATH; the sandbox needs one of them (README)."
	@echo "Installing the pinned packages into $(VENV) (about a minute, 900 MB)"
	@[ -x $(PY) ] || $(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/pip install --disable-pip-version-check --progress-bar off --require-hashes -r requirements.txt \
		| awk '/^Collecting/ {count += 1; if (count % 10 == 0) {print "  " count " packages found"; fflush()}} \
			/^Installing/ {print "  installing"; fflush()}'
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
		--config-settings editable_mode=compat -e .
	@touch $@
