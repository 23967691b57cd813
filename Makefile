# `make deck` builds the shipped lesson's deck, `make test` runs the tests; both set up what they need in .venv.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: deck test lint types layers schema clean help
.DELETE_ON_ERROR:

deck: .venv/.gen2anki ## build the shipped lesson's deck
	$(BIN)/gen2anki build cards.yaml

test: .venv/.dev ## run the tests and measure branch coverage
	$(BIN)/python -m pytest --cov --cov-report=term --cov-fail-under=95

lint: .venv/.dev ## check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.dev ## check types
	$(BIN)/mypy

layers: .venv/.dev ## check that imports go one way
	$(BIN)/lint-imports

schema: .venv/.gen2anki ## print the JSON Schema anew after a change of the model
	$(BIN)/gen2anki schema > src/gen2anki/cards.schema.json

clean: ## take away all that was made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

# The stamps are made last, so that a set-up that was cut off is done again.
.venv/.gen2anki: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

.venv/.dev: .venv/.gen2anki
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@
