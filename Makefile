# Every target sets up what it needs in .venv; only Python 3.11+, make and a package index are assumed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOME_DEMO ?= encours-home

.PHONY: demo app test test-superset lint types docs dagster bench peers lock clean

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/encours prepare
	touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
	touch $@

demo: $(VENV)/.installed
	$(BIN)/encours demo $(HOME_DEMO)

# The review application on the demo's home.
app: $(VENV)/.installed-dev
	ENCOURS_HOME=$(HOME_DEMO) $(BIN)/encours app

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfmt --check --quiet dbt_project
	$(BIN)/lint-imports

docs: $(VENV)/.installed-dev
	$(BIN)/python docs/generate_marts.py
	$(BIN)/python docs/generate_settings.py
	$(BIN)/dbt docs generate --static --empty-catalog --quiet --no-version-check --no-send-anonymous-usage-stats \
	  --project-dir dbt_project --profiles-dir dbt_profiles --target-path $(CURDIR)/build/dbt --log-path $(CURDIR)/build/dbt
	mkdir -p build/docs
	cp build/dbt/static_index.html build/docs/index.html

types: $(VENV)/.installed-dev
	$(BIN)/mypy

# Dagster's own pages on the home in ENCOURS_HOME: assets, checks, schedule, sensor.
dagster: export ENCOURS_HOME ?= $(CURDIR)/$(HOME_DEMO)
dagster: $(VENV)/.installed-dev
	mkdir -p $(ENCOURS_HOME)/dagster
	DAGSTER_HOME=$(ENCOURS_HOME)/dagster $(BIN)/dagster dev

bench: $(VENV)/.installed-dev peers
	$(BIN)/python -m benchmarks

# The dashboard in a real Superset, which wants an environment of its own.
test-superset: $(VENV)/.installed-dev .venv-superset/.installed
	$(BIN)/python -m pytest -n 0 tests/integration/bi/test_superset_bundle.py

.venv-superset/.installed: bi/requirements.lock
	$(PYTHON) -m venv .venv-superset
	.venv-superset/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $<
	touch $@

# The published parsers that the tests and benchmarks compare with, in an environment of their own.
peers: .venv-peers/.installed

.venv-peers/.installed: benchmarks/peers/requirements.lock
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $<
	touch $@

# Needs uv. The locks hold hashes and name no index.
lock:
	uv pip compile pyproject.toml requirements-build.in --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --quiet --output-file requirements.lock
	uv pip compile pyproject.toml --all-extras --group dev requirements-build.in --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --quiet --constraint requirements.lock --output-file requirements-dev.lock
	uv pip compile benchmarks/peers/requirements.in --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --quiet --output-file benchmarks/peers/requirements.lock
	uv pip compile bi/requirements.in --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --quiet --output-file bi/requirements.lock

clean:
	rm -rf $(VENV) .venv-peers .venv-superset build
