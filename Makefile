# Everything that a person does with Cordon. `make` lists it.

.DEFAULT_GOAL := help
SHELL := /bin/bash

# The first Python that runs and is new enough; PYTHON=... names another.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/ready

# Whatever AWS settings the caller's shell has, nothing here is to use them.
AWAY := AWS_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_CA_BUNDLE \
	AWS_ENDPOINT_URL AWS_REGION AWS_DEFAULT_REGION AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE
RUN := env $(foreach name,$(AWAY),-u $(name))

AWS_PORT ?= 5555
API_PORT ?= 8000
STAGE ?= dev
FORMAT ?= table
export AWS_PORT API_PORT STAGE

.PHONY: help demo test check sandbox replay bench

help: ## this list
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

$(READY): requirements-dev.txt
	@test -n "$(PYTHON)" || { echo "Cordon needs Python 3.11 or newer; name one with PYTHON=..." >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "$(PYTHON) cannot make an environment: install the package python3-venv" >&2; exit 2; }
	@echo "making the environment in .venv (once, about a minute) ..."
	@rm -rf .venv && $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

demo: $(READY) ## see Cordon contain an instance, on this machine, without an AWS account
	@$(RUN) $(BIN)/python -m sandbox.demo

sandbox: $(READY) ## keep the local AWS and the API up: AWS_PORT=5555 API_PORT=8000
	@exec $(RUN) $(BIN)/python -m sandbox

replay: $(READY) ## what Cordon would do with your findings: FINDINGS=folder [FORMAT=json]
	@test -n "$(FINDINGS)" || { echo "usage: make replay FINDINGS=folder [FORMAT=json]" >&2; exit 2; }
	@$(RUN) $(BIN)/python -m sandbox.replay "$(FINDINGS)" --format $(FORMAT)

test: $(READY) ## all tests, with every branch of core and flows covered
	@$(RUN) $(BIN)/python -m pytest -n 2 --cov --cov-report=
	@$(BIN)/coverage report --include='chalicelib/core/*,chalicelib/flows/*' --fail-under=100

check: $(READY) ## format, lint, types, architecture, templates
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/cfn-lint infra/*.yaml

bench: $(READY) ## measure every figure that the README states
	@$(RUN) $(BIN)/python -m bench
