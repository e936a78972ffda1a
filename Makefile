# Everything runs in .venv, which the first target that needs it makes. The second time is quick.

SHELL := /bin/sh
BIN := .venv/bin
# The first Python from 3.11 up; `make PYTHON=... demo` chooses another. It ends with `true` because
# make takes a last status of 127, a name that is not there, for a failure and drops all output.
PYTHON ?= $(firstword $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p; done; true))
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench bench-anomaly crash faults damage verdicts fidelity clients wire fuzz rehearse long ledger image dist lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

demo: .venv/runtime.stamp ## the dashboard over simulated events, all on this machine
	@$(BIN)/grantex-tui demo

# Without bytecode each worker compiles every test (4.5 s of CPU), and each command that a test starts
# compiles the package. So it is kept here, even where the environment says not to.
test: .venv/dev.stamp ## the whole test suite
	@PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n auto --dist worksteal -q

coverage: .venv/dev.stamp ## the whole test suite, and which branches it takes (ARGS="tests/tui": a part)
	@$(BIN)/python -m tests.mutation.branches $(ARGS)

mutants: .venv/dev.stamp ## small changes of the program, and which of them no test notices (ARGS="--help")
	@$(BIN)/python -m tests.mutation $(ARGS)

check: .venv/dev.stamp ## format, lint, types, import contracts, how the house stands
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet . \
		&& $(BIN)/mypy && PYTHONPATH=.:simulator $(BIN)/lint-imports --cache-dir .import_linter_cache \
		&& $(BIN)/pytest -q --no-header tests/house

format: .venv/dev.stamp ## put the code in order
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

bench: .venv/dev.stamp ## speed, as ratios within one run
	@$(BIN)/python tests/bench/run.py && $(BIN)/python tests/bench/monitors.py \
		&& $(BIN)/python tests/bench/sim_speed.py && $(BIN)/python tests/bench/rehearse.py

bench-anomaly: .venv/dev.stamp ## the anomaly detector against its bars
	@$(BIN)/python tests/bench/anomaly.py --check

crash: .venv/dev.stamp ## kill -9 at a thousand moments: nothing may be missing
	@CRASHES=$${CRASHES:-1000} $(BIN)/pytest -q -n auto tests/e2e/test_watch.py -k kill

faults: .venv/dev.stamp ## each numbered fault of stream, intake, disk, terminal and network, with figures
	@$(BIN)/python -m tests.reliability.run S I D T N --write

clients: .venv/dev.stamp ## ten thousand events by each unmodified client, Java's and npm's packages too
	@npm install --silent --no-audit --no-fund --prefix .clients winston@3 datadog-winston@1.6.0 \
		pino@9 pino-datadog@2.0.2 @datadog/datadog-api-client@1.64.0
	@CLIENT_EVENTS=$${CLIENT_EVENTS:-10000} CLIENT_PACKAGES=$$PWD/.clients/node_modules \
		$(BIN)/pytest -q tests/simulator/clients

wire: .venv/dev.stamp ## every fault on the wire, within TLS and through the proxy too
	@FAULT_WAYS=plain,tls,proxy+tls $(BIN)/pytest -q -n auto tests/simulator/faults -k wire

fuzz: .venv/dev.stamp ## a million mutated requests to all of the simulator's routes (ARGS="--count 20000 --seed 7")
	@$(BIN)/python -m tests.simulator.fuzz.run $(ARGS)

verdicts: .venv/dev.stamp ## the ledger's verdicts against the truth: 21 forwarders, 20 of them with a bug, under each fault
	@$(BIN)/python -m tests.verdicts.run

fidelity: .venv/dev.stamp ## the tables of docs/fidelity.md, from the suites themselves
	@$(BIN)/python -m tests.fidelity

damage: .venv/dev.stamp ## each kind of damage to a journal: told, and nothing altered is delivered
	@$(BIN)/python -m tests.reliability.run J --write

rehearse: .venv/runtime.stamp ## the bundled monitors over all bundled scenarios, two weeks included
	@$(BIN)/grantex-tui rehearse fixtures/rehearsals
	@$(BIN)/grantex-tui rehearse coverage fixtures/rehearsals/edges.rehearsal.yaml --min 85

long: .venv/dev.stamp ## two minutes: a real watch against a rehearsal of its journal
	@LONG=1 $(BIN)/pytest -q tests/e2e/test_rehearse_equals_watch.py

ledger: .venv/dev.stamp ## five clients, faults, 100,000 events: every account adds up
	@GRANTEX_SIM_EVENTS=100000 $(BIN)/pytest -q tests/simulator/test_arithmetic.py

image: .venv/dev.stamp ## the Dockerfile's steps without Docker, run as its user (needs root)
	@$(BIN)/python -m tests.deploy.image

dist: .venv/dev.stamp ## wheel and sdist in dist/
	@rm -rf dist && $(BIN)/python -m hatchling build

lock: ## renew the lock files (needs uv)
	uv pip compile --quiet pyproject.toml --universal --generate-hashes --no-header \
		--no-annotate --no-emit-index-url --upgrade -o requirements.lock
	uv pip compile --quiet pyproject.toml --universal --generate-hashes --no-header \
		--no-annotate --no-emit-index-url --group dev -c requirements.lock -o requirements-dev.lock

clean: ## remove what make has made
	rm -rf .venv dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; none was found on PATH" >&2; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/runtime.stamp: requirements.lock pyproject.toml | .venv/bin/python
	@test -f .venv/dev.stamp || echo "setting up .venv (once, about a minute)" >&2
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps -e .
	@touch $@

.venv/dev.stamp: requirements-dev.lock pyproject.toml | .venv/bin/python
	@echo "setting up .venv for development (once, about a minute)" >&2
	@$(PIP) --require-hashes -r requirements-dev.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@ .venv/runtime.stamp
