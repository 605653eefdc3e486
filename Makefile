# The commands of the README. Everything is installed into .venv, at the versions of constraints.txt; a second run installs nothing.
#
#   make demo          build the graph of seeds/ and ask it one question
#   make test          install the tests' packages, run the tests (without what they need besides, some are skipped), check the coverage
#   make pages         build the SPARQL editor and the graph view of the pages (npm); without them a plain form does the same job
#   make clients       install what the tests of Comunica and of the pages need into build/clients (npm); without it they are skipped
#   make pictures      write the pictures of docs/img anew, with what make pages and make clients install and chromium
#   make lint          ruff, mypy, and whether the generated files are current
#   make bench         measure
#   make generate      write what follows from the ontology, and the output that the README shows
#   make constraints   take the newest versions of all packages into constraints.txt
#   make clean         remove what these targets made

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && exit; done; echo python3)
VENV := .venv
BIN := $(VENV)/bin
CLIENTS := build/clients
VALIDATORS := build/validators
VALIDATORS_NEED := tests/export/profiles/validator/requirements.txt
WEB := kg/pages/web
BUILT := kg/pages/built
VERSIONS := '^[A-Za-z0-9._-]+=='
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help demo test pages clients pictures lint bench generate constraints clean

help:
	@sed -n 's/^#   //p' Makefile

define check_python
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo \
	"kg needs Python 3.11 or newer, and '$(PYTHON)' is not: install it, or name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo \
	"'$(PYTHON)' cannot make virtual environments: on Debian and Ubuntu install python3-venv (apt-get install python3-venv)" >&2; exit 1; }
endef

$(VENV)/.kg: pyproject.toml constraints.txt
	$(check_python)
	$(PYTHON) -m venv $(VENV)
	$(PIP) hatchling editables
	$(PIP) -e .
	@touch $@

$(VENV)/.kg-test: $(VENV)/.kg
	$(PIP) setuptools # PySpark comes as source
	$(PIP) -e '.[test]'
	@touch $@

demo: $(VENV)/.kg
	$(BIN)/kg build seeds/
	$(BIN)/kg query training
	@echo
	@echo "Start the endpoint with: $(BIN)/kg serve"

# RO-Crate's validator wants an older rich than kg is tested with: it has a folder of its own, which only its test looks into.
$(VALIDATORS)/.installed: $(VALIDATORS_NEED) | $(VENV)/.kg
	rm -rf $(VALIDATORS)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --target $(VALIDATORS) -r $<
	@touch $@

test: $(VENV)/.kg-test $(VALIDATORS)/.installed
	$(BIN)/python -m pytest -n 2 --cov --cov-report=term

pages: $(BUILT)/manifest.json

define check_npm
@command -v npm >/dev/null || { echo \
	"make $(MAKECMDGOALS) needs npm: on Debian and Ubuntu install nodejs and npm (apt-get install nodejs npm)" >&2; exit 1; }
endef

define check_node
@node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' || { echo \
	"make $(MAKECMDGOALS) needs Node 20.19 or newer, and this is $$(node --version)" >&2; exit 1; }
endef

$(WEB)/node_modules/.package-lock.json: $(WEB)/package.json $(WEB)/package-lock.json
	$(check_npm)
	$(check_node)
	cd $(WEB) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(BUILT)/manifest.json: $(WEB)/node_modules/.package-lock.json $(WEB)/vite.config.js $(shell find $(WEB)/src -type f 2>/dev/null)
	$(check_npm)
	cd $(WEB) && npm run --silent build -- --logLevel warn
	@touch $@

clients: $(CLIENTS)/.installed

$(CLIENTS)/.installed: tests/serve/clients/package.json
	$(check_npm)
	rm -rf $(CLIENTS)
	mkdir -p $(CLIENTS)
	cp $< $(CLIENTS)/package.json
	cd $(CLIENTS) && npm install --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

pictures: $(VENV)/.kg-test
	KG_SCREENSHOTS=1 $(BIN)/python -m pytest -q tests/pages/browser/test_pictures.py

lint: $(VENV)/.kg-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m kg.generate --check

bench: $(VENV)/.kg-test
	$(BIN)/python -m bench

generate: $(VENV)/.kg-test
	$(BIN)/python -m kg.generate
	$(BIN)/python -m tests.readme

constraints:
	$(check_python)
	rm -rf build/constraints
	$(PYTHON) -m venv build/constraints/kg
	build/constraints/kg/bin/python -m pip install --quiet --disable-pip-version-check --upgrade \
		hatchling editables setuptools '.[parquet,test]'
	build/constraints/kg/bin/python -m pip freeze --all --exclude kg --exclude pip --exclude wheel | grep -E $(VERSIONS) > constraints.txt
	$(PYTHON) -m venv build/constraints/validators
	build/constraints/validators/bin/python -m pip install --quiet --disable-pip-version-check roc-validator
	build/constraints/validators/bin/python -m pip freeze | grep -E $(VERSIONS) > $(VALIDATORS_NEED)
	rm -rf build/constraints

clean:
	rm -rf $(VENV) $(BUILT) $(WEB)/node_modules build dist kg-out .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
