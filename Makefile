# CarbonSeal: two commands do everything.
#   make demo   the main job on embedded parts
#   make test   everything, on real parts (PostgreSQL, Mosquitto, anvil)

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Set in many containers; each of the hundreds of processes of a run would compile all code again.
export PYTHONDONTWRITEBYTECODE :=
export CARBONSEAL_SHARED ?= $(abspath ../shared)

PYTHON ?= python3
BIN := .venv/bin
VENV := .venv/.stamp
NODE := node_modules/.stamp
FORGE := node_modules/.bin/forge
PYTEST := $(BIN)/pytest

.PHONY: help
help: ## Say what can be done
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

# --- what everything stands on -----------------------------------------------------------

$(VENV): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=…"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "the venv module is missing: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(NODE): package-lock.json
	@command -v npm >/dev/null || { echo "Node 20 with npm is needed"; exit 1; }
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: setup
setup: $(VENV) $(NODE) ## Install the tools into .venv and node_modules

.PHONY: system
system: ## Install the system packages the tests need, by apt where it may
	@deploy/system/install.sh

# --- the two commands --------------------------------------------------------------------

.PHONY: demo
demo: setup ## A reading's life on embedded parts, frauds caught (ARGS=--exit ends after the checks)
	$(BIN)/carbonseal demo $(ARGS)

# Side by side: the compiler of the contracts uses one core for minutes, and tests wait for blocks.
.PHONY: test
test: system setup ## Everything, on real parts; under 20 minutes
	@$(MAKE) --no-print-directory --jobs=2 python-test check contracts-test

# --- the parts of test -------------------------------------------------------------------

.PHONY: check
check: setup ## Formats, types, imports, generated files
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/deptry --no-ansi .
	$(BIN)/codespell
	$(BIN)/python tools/generate_enums.py --check
	$(BIN)/python tools/generate_docs.py --check
	$(BIN)/python tools/generate_api.py --check
	$(BIN)/python -m chain.compilation --check
	node contracts/tools/storage-layout.js --check
	$(FORGE) fmt --check

.PHONY: contracts-test
contracts-test: setup ## Contracts: unit, fuzz, invariants, gas
	$(FORGE) test

.PHONY: python-test
python-test: setup ## Python: unit to end-to-end
	$(PYTEST) -n 3 --dist loadgroup $(ARGS)

.PHONY: deep
deep: system setup ## Long runs: many examples, soak, mutation
	FOUNDRY_PROFILE=deep $(FORGE) test
	HYPOTHESIS_PROFILE=deep $(PYTEST) -m "not network" tests/property tests/stateful tests/e2e

GETH := .network/bin/geth

# The last release that seals Clique; newer linkers refuse one of its imports unless told otherwise.
$(GETH):
	@command -v go >/dev/null || { echo "Go 1.21 or newer is needed to build the validators' node"; exit 1; }
	GOBIN=$(abspath $(@D)) go install -trimpath -ldflags=-checklinkname=0 github.com/ethereum/go-ethereum/cmd/geth@v1.13.15

.PHONY: network
network: system setup $(GETH) ## Real validators: four Clique signers, their seals, losses and standstills
	$(PYTEST) -m network tests/network $(ARGS)

.PHONY: bench
bench: system setup ## Benchmarks, each beside its physical limit
	$(BIN)/python -m bench $(ARGS)

# --- upkeep ------------------------------------------------------------------------------

.PHONY: generate
generate: setup ## Make the generated files anew
	$(BIN)/python tools/generate_enums.py
	$(BIN)/python -m chain.compilation
	$(BIN)/python tools/generate_docs.py
	$(BIN)/python tools/generate_api.py

.PHONY: format
format: setup ## Format Python and Solidity
	$(BIN)/ruff format --quiet .
	$(BIN)/ruff check --fix --quiet .
	$(FORGE) fmt

.PHONY: lock
lock: $(VENV) ## Resolve requirements.lock anew (versions and hashes, no addresses)
	printf 'pysha3; python_version < "3.6"\n' > .venv/override.txt
	$(BIN)/uv pip compile pyproject.toml --extra dev --generate-hashes --overrides .venv/override.txt \
	  --python-version 3.11 --no-header --quiet -o requirements.lock

.PHONY: clean
clean: ## Remove what can be made again
	rm -rf .venv node_modules out cache .carbonseal .mypy_cache .ruff_cache .pytest_cache .hypothesis
