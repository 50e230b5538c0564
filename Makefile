# make run · make test · make check · make bench: each sets up what it needs. PYTHON chooses the interpreter of .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: install run test check docs bench bench-ingest format clean

install: $(STAMP)

$(STAMP): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		{ echo "Cannot make a virtual environment: install Debian's python3-venv, or set PYTHON=…" >&2; exit 1; }
	@echo "Installing the Datenbroker into $(VENV) (a minute at the first time) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@

run: install
	@exec $(BIN)/datenbroker up --demo $(ARGS)

test: install
	@$(BIN)/python -m pytest $(ARGS)

check: install
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m data_models.generator --check
	@$(BIN)/python docs/generate.py --check

docs: install
	@$(BIN)/python docs/generate.py

bench: install
	@PYTHONPATH=. $(BIN)/python -m tests.bench.run $(ARGS)

bench-ingest: install
	@PYTHONPATH=. $(BIN)/python -m tests.bench.ingest $(ARGS)

format: install
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
