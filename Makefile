# Everything runs in .venv, which the first command makes; `make help` lists the commands.
BIN := .venv/bin
# Tests wait more than they compute, hence one more than there are cores; WORKERS=0 runs them in one, for a debugger.
WORKERS ?= $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )))
ARGS ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

.PHONY: help
help: ## List the commands
	@sed -n -E 's/^([a-z]+):.*## (.*)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-16s%s\n", $$1, $$2 }'

.PHONY: setup
setup: .venv/.installed ## Make or update .venv (every other command does so by itself)

.PHONY: demo
demo: .venv/.installed ## Run a simulated morning of calls through the real server; no account needed
	@$(BIN)/switchboard demo $(ARGS)

.PHONY: serve
serve: .venv/.installed ## Serve the real carrier, with the settings in .env
	@$(BIN)/switchboard serve $(ARGS)

.PHONY: test
test: .venv/.installed-test ## Run the tests (ARGS="tests/supervisor -x" for some of them)
	@$(BIN)/python -m pytest -q -n $(WORKERS) $(ARGS)

.PHONY: check
check: .venv/.installed-test ## Check style, types and layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

.PHONY: format
format: .venv/.installed-test ## Format the code and repair what can be repaired
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: bench
bench: .venv/.installed-test ## Measure speed and memory, as a table
	@$(BIN)/python -m tests.benchmarks $(ARGS)

.PHONY: drill
drill: .venv/.installed-test ## Load the server and kill its processes in the middle of calls and tasks
	@$(BIN)/python -m tests.drill $(ARGS)

.PHONY: guards
guards: .venv/.installed-test ## Take each guard out of a copy of the code, and see that the invariants notice
	@$(BIN)/python -m tests.mutation $(ARGS)

# On whichever Python .venv has: the result is the same on 3.11, 3.12 and 3.13.
.PHONY: lock
lock: .venv/.installed ## Pin the newest versions of all dependencies in requirements.lock
	@mkdir -p build
	@$(BIN)/python -m pip install -qq --dry-run --ignore-installed --report build/lock.json '.[test,postgres]'
	@$(BIN)/python .ci/lock.py build/lock.json > build/requirements.lock
	@mv build/requirements.lock requirements.lock
	@git --no-pager diff --stat requirements.lock

.PHONY: clean
clean: ## Remove what was built and measured; keeps .venv, .env and the data in var/
	@rm -rf build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find app speech models tests -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.installed: requirements.lock pyproject.toml
	@.ci/setup

.venv/.installed-test: requirements.lock pyproject.toml
	@.ci/setup test
	@touch .venv/.installed
