# Everything works on a fresh Debian 12 machine with make and git, and is quick the second time.
#   make setup     system packages, .venv, the twin's base image
#   make dry-run   rehearse the main job on examples/stanford-nlp (twin only: production is not contacted)
#   make dry-run-vm  the same on virtual machines: a slice of it, real kernels, emulated where need be
#   make gate      every linter, in seconds
#   make unit      the tests that need no privileges
#   make test      setup, gate and the whole suite, the twin included
#   make examples  the numbers of the examples and of their READMEs, derived again; read git diff
#   make bench     measurements
#   make pulumi    the Pulumi engine, from Go modules, for `provision --via pulumi`
#   make clean     remove .venv and caches

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
EXAMPLE := examples/stanford-nlp
VM_SLICE := gpu-[0001-0002]
# Namespaces and mounts need root. Only the twin gets it; nothing else here runs through sudo.
ROOT := $(if $(filter 0,$(shell id -u)),,sudo)
PYTEST := $(BIN)/pytest
# The engine lies in the caller's cache, which root would not look into.
ENGINE = COLOSSUS_PULUMI="$$(infra/pulumi/build --where)"
PYTEST_ARGS ?=
# Branch coverage of the pure packages; `make unit COVERAGE=` leaves it out.
COVERAGE ?= --cov --cov-report=term
CACHES := .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage

LINTERS := lint format types layers dead dependencies yaml spelling shell

.PHONY: help setup packages venv image pulumi dry-run dry-run-vm gate unit test examples bench clean $(LINTERS)

help:
	@sed -n 's/^#   //p' Makefile

setup: packages venv image

packages:
	@infra/setup/packages infra/setup/debian-12.packages

venv: packages
	@infra/setup/venv

image: venv
	@$(ROOT) $(BIN)/colossus twin image

# Not part of setup: it takes minutes, and only `--via pulumi` and its tests need it.
pulumi: venv
	@infra/pulumi/build

dry-run: setup
	@$(ROOT) $(BIN)/colossus provision $(EXAMPLE) --dry-run

# Two hosts with the switches and the controller: five machines, so that it is soon done.
dry-run-vm: setup
	@$(ROOT) $(BIN)/colossus provision $(EXAMPLE) --dry-run --twin vm --slice $(VM_SLICE)

# Every linter runs, also after one has failed: all findings at once, as Colossus itself does it.
gate: venv
	@$(MAKE) --keep-going --jobs=2 --output-sync=target $(LINTERS)
	@echo "gate: $(LINTERS): clean"

lint:
	@$(BIN)/ruff check

format:
	@$(BIN)/ruff format --check

types:
	@$(BIN)/mypy

layers:
	@$(BIN)/lint-imports --no-logo --cache-dir .import_linter_cache

dead:
	@$(BIN)/vulture

dependencies:
	@$(BIN)/deptry src

yaml:
	@$(BIN)/yamllint --strict .yamllint $(wildcard inventory playbooks examples)

spelling:
	@git -c safe.directory="*" ls-files --cached --others --exclude-standard -z | xargs -0 -r $(BIN)/codespell

shell:
	@infra/setup/shell-scripts | xargs -r $(BIN)/shellcheck

unit: venv
	@$(PYTEST) -m 'not twin and not needs_root and not bench' $(COVERAGE) $(PYTEST_ARGS)

# One pytest run, so that its closing line counts everything. Where sudo ran it, the caches it
# left go back to the caller; bytecode is not written, so nothing else in the checkout is root's.
test: setup pulumi gate
	@status=0; \
	$(ROOT) env PYTHONDONTWRITEBYTECODE=1 $(ENGINE) $(PYTEST) -m 'not bench' $(COVERAGE) $(PYTEST_ARGS) || status=$$?; \
	$(if $(ROOT),$(ROOT) chown -R "$$(id -u):$$(id -g)" $$(ls -d $(CACHES) 2>/dev/null);) exit $$status

# What the examples' READMEs quote is derived, never typed: a test fails when it is stale.
examples: venv
	@COLOSSUS_UPDATE_GOLDEN=1 $(PYTEST) -q -p no:randomly tests/golden $(PYTEST_ARGS)

bench: setup pulumi
	@$(ROOT) env PYTHONDONTWRITEBYTECODE=1 $(ENGINE) $(PYTEST) -m bench -p no:randomly -s $(PYTEST_ARGS)

clean:
	@rm -rf .venv dist build $(CACHES)
