# The two main targets are `make refresh` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
LANDING ?= var/landing
OUTPUT ?= var/output
SAMPLE_CUSTOMERS ?= 2000
SAMPLE_FROM ?= 2026-09-30
SAMPLE_TO ?= 2026-11-20
SEED ?= 1
COUNT ?= 10000
NUMBER ?= 0
PROCESSES ?= 1
FILES ?=
DOCS ?= var/docs
MARTS ?= 1
STAMP := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup refresh test test-slow test-nightly test-clients test-board fuzz check lint lint-types lint-python lint-sql lint-policy coverage docs dev board board-user lock clean

help: ## Show this list.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

setup: $(STAMP) ## Build .venv with the command `fenceng`; quick when nothing changed.

# uv installs what the lock names, checked by hash; pip only installs uv. Bytecode is compiled here: where Python may not
# write it later, each command would compile what it imports, 5 seconds for Dagster and Great Expectations.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; assert (3, 11) <= sys.version_info[:2] < (3, 14), "Python 3.11, 3.12 or 3.13 is needed: make setup PYTHON=python3.12"'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

refresh: setup ## Write a sample landing zone if there is none, publish its closed months and its newest date.
	@test -d $(LANDING) || $(BIN)/fenceng sample --customers $(SAMPLE_CUSTOMERS) --from $(SAMPLE_FROM) --to $(SAMPLE_TO) --landing $(LANDING) --defects > /dev/null
	@$(BIN)/fenceng refresh --backfill 2 --landing $(LANDING) --output $(OUTPUT)

test: check ## Run the checks and all tests, dbt unit tests included.
	$(BIN)/pytest

test-slow: setup ## Run unusual refreshes: little memory, a kill, files that change, another policy; CI runs them too.
	$(BIN)/pytest -m slow

test-nightly: setup ## Run what takes many whole refreshes: four closes, mutants of the policy, odd names and environments, saved files.
	$(BIN)/pytest -m nightly

# A small published bank, with broken rows, for the two targets below; again when anything that makes it has changed.
CLIENTS := var/clients
$(CLIENTS)/.published: $(STAMP) $(shell find fenceng orchestration expectations dbt_project seeds -type f -not -path '*/__pycache__/*')
	rm -rf $(CLIENTS)
	$(BIN)/fenceng sample --customers 300 --from 2026-10-31 --to 2026-11-02 --landing $(CLIENTS)/landing --defects > /dev/null
	$(BIN)/fenceng refresh --backfill 1 --landing $(CLIENTS)/landing --output $(CLIENTS)/output
	@touch $@

# In an environment of their own: see tests/clients.
test-clients: $(CLIENTS)/.published ## Read a published sample bank with pandas, pyarrow, Polars, DuckDB, Spark (which needs Java) and as Excel; lint its contracts.
	test -x .clients/bin/python || $(PYTHON) -m venv .clients
	$(BIN)/uv pip install --quiet --python .clients/bin/python --require-hashes -r requirements.clients.lock
	test -x .contracts/bin/python || $(PYTHON) -m venv .contracts
	$(BIN)/uv pip install --quiet --python .contracts/bin/python --require-hashes -r requirements.contracts.lock
	$(BIN)/fenceng export --to $(CLIENTS)/marts.xlsx --force --lang zh --output $(CLIENTS)/output > /dev/null
	$(BIN)/fenceng docs --to $(CLIENTS)/docs --output $(CLIENTS)/output > /dev/null
	MARTS=$(CLIENTS) DATACONTRACT=.contracts/bin/datacontract .clients/bin/python -m pytest --confcutdir tests/clients -o addopts= tests/clients

# Superset wants libraries older than the line's: an environment of its own too.
BOARD := .board/.ready
$(BOARD): requirements.board.lock $(STAMP)
	@$(PYTHON) -c 'import sys; assert (3, 11) <= sys.version_info[:2] < (3, 13), "Superset needs Python 3.11 or 3.12: make board PYTHON=python3.12"'
	test -x .board/bin/python || $(PYTHON) -m venv .board
	$(BIN)/uv pip install --quiet --compile-bytecode --python .board/bin/python --require-hashes -r requirements.board.lock
	@touch $@

test-board: $(BOARD) $(CLIENTS)/.published ## Bring the board up on a published sample bank: figures, rights, browser (which needs Chromium).
	BOARD_TEST=$(CLIENTS)/output/published/current .board/bin/python -m pytest --confcutdir tests/board -o addopts= -o pythonpath=. tests/board

# NUMBER: the first damage. `make fuzz SEED=1 NUMBER=37 COUNT=1` repeats a single one.
fuzz: setup ## Try thousands of damaged landing zones (SEED, COUNT, NUMBER, FILES, MARTS, PROCESSES); not part of `make test`.
	PYTHONPATH=tests $(BIN)/python -m fuzz --seed $(SEED) --count $(COUNT) --number $(NUMBER) --processes $(PROCESSES) --marts $(MARTS) $(if $(FILES),--files $(FILES))

check: lint ## Lint: ruff, mypy, sqlfluff, the policy rows, the coverage of the sources.

# In parallel: mypy alone takes as long as the others together.
lint: setup
	@$(MAKE) --no-print-directory -j 2 lint-types lint-python lint-sql lint-policy

lint-types:
	$(BIN)/mypy

lint-python:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

lint-sql:
	$(BIN)/sqlfluff lint dbt_project/models dbt_project/tests dbt_project/analyses expectations/gate_1 expectations/gate_2 orchestration/report/queries

lint-policy:
	$(BIN)/fenceng policy lint
	PYTHONPATH=tests $(BIN)/python -m support.coverage

coverage: setup ## Redraw docs/policy_coverage.md from tests/seeds/readings.yml.
	PYTHONPATH=tests $(BIN)/python -m support.coverage --write

docs: setup ## Write the dictionary, both data contracts (ODCS) and dbt's pages of the release in force into DOCS.
	@$(BIN)/fenceng docs --to $(DOCS) --output $(OUTPUT)

dev: setup ## Serve Dagster with the line, its schedule and sensor, on 127.0.0.1:3000.
	$(BIN)/dagster dev -m orchestration.definitions -h 127.0.0.1

BOARD_HOME ?= $(CURDIR)/var/board
BOARD_URI ?= duckdb:///$(abspath $(OUTPUT))/published/current/marts.duckdb
BIND ?= 127.0.0.1:8088
export BOARD_HOME BOARD_URI

board: $(BOARD) ## Serve the board on BIND, 127.0.0.1:8088, with the release of OUTPUT or the database BOARD_URI.
	@test -n "$(filter-out duckdb:%,$(BOARD_URI))" -o -e $(OUTPUT)/published/current || $(MAKE) --no-print-directory refresh
	@.board/bin/python -m bi.superset up --bind $(BIND)

board-user: $(BOARD) ## Make readers of the board, or renew their passwords: make board-user EMPLOYEE="E00101 E00137".
	@.board/bin/python -m bi.superset user $(EMPLOYEE)

# The second lock is the first without the tools of tests and lints: what an image needs. The third is of tools that
# read the marts, for their tests, then of the tool that lints the contracts, then of the board.
lock: setup ## Regenerate the lock files from pyproject.toml.
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras \
		--custom-compile-command 'make lock' --extra postgres --group test --group lint --group build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras \
		--custom-compile-command 'make lock' --no-annotate --extra postgres --group build --constraint requirements.lock pyproject.toml -o requirements.run.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras \
		--custom-compile-command 'make lock' --no-annotate --group clients --constraint requirements.lock -o requirements.clients.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras \
		--custom-compile-command 'make lock' --no-annotate --group contracts -o requirements.contracts.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras \
		--custom-compile-command 'make lock' --no-annotate --group board -o requirements.board.lock

clean: ## Delete everything that can be rebuilt, .venv and var included.
	rm -rf $(VENV) .clients .contracts .board var dbt_project/target dbt_project/logs .pytest_cache .mypy_cache .ruff_cache
