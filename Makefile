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
.PHONY: help setup refresh test test-slow test-nightly test-clients fuzz check lint lint-types lint-python lint-sql lint-policy coverage docs dev lock clean

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

test-nightly: setup ## Run what takes many whole refreshes: four closes, mutants of the policy, odd names, saved files.
	$(BIN)/pytest -m nightly

# In an environment of their own: see tests/clients.
test-clients: setup ## Read a published sample bank with pandas, pyarrow, Polars, DuckDB, Spark (which needs Java) and as Excel; lint its contracts.
	test -x .clients/bin/python || $(PYTHON) -m venv .clients
	$(BIN)/uv pip install --quiet --python .clients/bin/python --require-hashes -r requirements.clients.lock
	test -x .contracts/bin/python || $(PYTHON) -m venv .contracts
	$(BIN)/uv pip install --quiet --python .contracts/bin/python --require-hashes -r requirements.contracts.lock
	$(BIN)/fenceng sample --customers 300 --from 2026-10-31 --to 2026-11-02 --landing var/clients/landing > /dev/null
	$(BIN)/fenceng refresh --backfill 1 --landing var/clients/landing --output var/clients/output
	$(BIN)/fenceng export --to var/clients/marts.xlsx --force --lang zh --output var/clients/output > /dev/null
	$(BIN)/fenceng docs --to var/clients/docs --output var/clients/output > /dev/null
	MARTS=var/clients DATACONTRACT=.contracts/bin/datacontract .clients/bin/python -m pytest --confcutdir tests/clients -o addopts= tests/clients

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

# The second lock is the first without the tools of tests and lints: what an image needs. The third is of tools that
# read the marts, for their tests, the fourth of the tool that lints the contracts.
lock: setup ## Regenerate the lock files from pyproject.toml.
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras \
		--custom-compile-command 'make lock' --extra postgres --group test --group lint --group build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras \
		--custom-compile-command 'make lock' --no-annotate --extra postgres --group build --constraint requirements.lock pyproject.toml -o requirements.run.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras \
		--custom-compile-command 'make lock' --no-annotate --group clients --constraint requirements.lock -o requirements.clients.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras \
		--custom-compile-command 'make lock' --no-annotate --group contracts -o requirements.contracts.lock

clean: ## Delete everything that can be rebuilt, .venv and var included.
	rm -rf $(VENV) var dbt_project/target dbt_project/logs .pytest_cache .mypy_cache .ruff_cache
