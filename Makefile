# `make deck` builds the shipped lesson's deck, `make test` runs the tests; both set up what they need in .venv.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: deck test lint types layers matrix mutations soak blowup kills fuzz look pictures bench guard schema editors words tables clean help
.DELETE_ON_ERROR:

deck: .venv/.gen2anki ## build the shipped lesson's deck
	$(BIN)/gen2anki build cards.yaml

test: .venv/.dev ## run the tests and measure branch coverage
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --cov --cov-report=term --cov-fail-under=95

lint: .venv/.dev ## check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.dev ## check types
	$(BIN)/mypy
	$(BIN)/mypy hatch_build.py tests/*.py bench/*.py tools/*.py

layers: .venv/.dev ## check that imports go one way
	$(BIN)/lint-imports

matrix: .venv/.dev ## live through three editions on every Anki that matters
	$(BIN)/python tests/matrix/run.py

mutations: .venv/.dev ## break the product on purpose: a test must notice each time
	$(BIN)/python tests/mutations.py

soak: .venv/.dev ## live through two thousand histories of authors and learners
	$(BIN)/python tests/soak.py

blowup: .venv/.dev ## time texts of 100 kB that could take for ever
	$(BIN)/python tests/blowup.py

kills: .venv/.dev ## kill a build at each of its calls that touch a file, and make each fail (needs a C compiler)
	$(BIN)/python tests/kills.py

fuzz: .venv/.dev ## give the product broken and hostile input for ten minutes
	$(BIN)/python tests/fuzz.py

look: .venv/.look ## show every card in every client on one sheet, .look/sheet.png
	$(BIN)/python tests/cards/look.py

pictures: .venv/.look ## take the manual's pictures of cards, page and preview anew
	$(BIN)/python tests/cards/look.py --docs
	PYTHONPATH=tests $(BIN)/python tests/page/pictures.py
	PYTHONPATH=tests $(BIN)/python tests/preview/pictures.py

bench: .venv/.dev ## measure against a script written by hand and against the floor
	$(BIN)/python bench/run.py --write

guard: .venv/.dev ## fail where a build has become much slower
	$(BIN)/python bench/guard.py

schema: .venv/.gen2anki ## print the JSON Schema anew after a change of the model
	$(BIN)/python -m gen2anki.schema.model > src/gen2anki/schema/cards.schema.json

editors: ## install the npm packages that the tests of the schema need
	npm install --silent --no-fund --no-audit --prefix .cache/editors yaml-language-server@1 ajv@8

words: .venv/.dev ## write the words of the cards anew after a change of their table
	$(BIN)/python tools/card_words.py

tables: .venv/.dev ## ask the npm package again what MathJax knows (needs node)
	$(BIN)/python tools/mathjax_tables.py

clean: ## take away all but the decks that were made
	rm -rf .venv .look .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

# The stamps are made last, so that a set-up that was cut off is done again.
.venv/.gen2anki: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) --editable .
	@touch $@

.venv/.dev: .venv/.gen2anki
	@$(PIP) --editable '.[dev]'
	@$(PIP) --no-deps aqt # only its web files: Anki's reviewer and MathJax
	@$(PIP) --no-deps axe-playwright-python # only the axe-core in it
	@touch $@

.venv/.look: .venv/.dev
	@$(PIP) 'aqt[qt6]' pillow
	@touch $@
