# The commands of Cordon. Each makes the environment first, when it is missing or out of date.

PYTHONS := python3.13 python3.12 python3.11 python3

# $(call fits,PYTHON,MODULE): PYTHON, if it runs, is new enough and has MODULE; else nothing. Only
# running it tells: a version manager leaves commands that find no Python behind them.
fits = $(if $(1),$(shell $(1) -Ic 'import sys, $(2); sys.exit(sys.version_info < (3, 11))' \
	2>/dev/null && echo $(1)))
first = $(firstword $(foreach python,$(PYTHONS),$(call fits,$(python),$(1))))

# Debian's Python has no ensurepip, and so makes no environment, until its venv package is there.
PYTHON ?= $(or $(call first,ensurepip),$(call first,sys))
no_venv = $(error $(1) cannot make an environment: install $(notdir $(1))-venv)
too_old = $(error Cordon needs Python 3.11 or newer: $(if $(1),$(1) is not,none of $(PYTHONS) is))
able = $(or $(call fits,$(1),ensurepip),$(if $(call fits,$(1),sys),$(no_venv),$(too_old)))

# The oldest that is there, by a name of its own.
oldest = $(lastword $(foreach python,$(filter-out python3,$(PYTHONS)),$(call fits,$(python),ensurepip)))

# Where the environment is; a second one, of another Python, is beside it.
VENV := .venv

# What the caller's shell says about AWS and Python stays outside, and so do the caller's AWS files
# and proxies: nothing run here may reach a real account. AWS_PORT is the sandbox's own.
STRAY := $(filter-out AWS_PORT,$(filter AWS_% PYTHON%,$(.VARIABLES)))
AWAY := AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null \
	AWS_EC2_METADATA_DISABLED=true no_proxy=127.0.0.1,localhost
RUN := env $(STRAY:%=-u %) $(AWAY) $(VENV)/bin/python

# Tests set Cordon's own settings themselves.
OURS := $(filter STAGE CORDON_%,$(.VARIABLES))
TEST := env $(STRAY:%=-u %) $(OURS:%=-u %) $(AWAY) $(VENV)/bin/python

# The overlay is half a template: it is checked once `chalice package` has merged it.
TEMPLATES := $(filter-out infra/overlay.yaml,$(wildcard infra/*.yaml))

ENV := $(VENV)/made
AUDIT := .audit/made
ROADS := .roads/made
RUNTIME := .runtime/made
BENCH := .bench/made
FUZZ := .fuzz/made
MUTANTS := .mutants/made
JUDGE := tests/judge/node_modules/made

.PHONY: help demo test oldest portable model check audit browser judge mutants sample roads sandbox replay plan docs bench package deploy smoke verify-aws \
	destroy interpreter environments findings-given stage-given

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(ENV) ## plays findings through the whole app on a local AWS (STORY=long tells all)
	@STORY='$(STORY)' $(RUN) -m sandbox.demo

test: $(RUNTIME) $(ENV) ## runs the tests; core and flows must be covered to the last branch
	@$(TEST) -m pytest --numprocesses=auto --maxprocesses=2 --dist=worksteal \
		--cov=chalicelib/core --cov=chalicelib/flows --cov-branch --cov-report=term-missing:skip-covered
	@$(TEST) -m coverage report --include='chalicelib/core/*,chalicelib/flows/*' --fail-under=100

# What a Python could do otherwise: the product's own thinking, its files, its API.
oldest: ## the tests of core, settings and API with the oldest Python that is there (own environment)
	$(if $(filter-out $(PYTHON),$(oldest)),@$(MAKE) --no-print-directory VENV=.oldest \
		PYTHON=$(oldest) portable,@echo 'there is one Python only')

portable: $(ENV)
	@$(TEST) --version
	@$(TEST) -m pytest --quiet -p no:cacheprovider tests/core tests/settings tests/entry/test_api.py

# Each claim about the life of a quarantine, over every behaviour of its model; Spin ends with 0 also
# where it finds an error, so what it says is looked at.
CLAIMS := contained released kept rests

model: ## checks docs/quarantine.pml, the model of a quarantine's life (Debian: spin, gcc)
	@command -v spin >/dev/null || { echo 'left out: there is no spin here (Debian: spin, gcc)'; exit 0; }; \
	work=$$(mktemp -d) && trap 'rm -rf "$$work"' EXIT && cp docs/quarantine.pml "$$work" && cd "$$work" && \
	for claim in $(CLAIMS); do \
		spin -run -a -f -ltl $$claim quarantine.pml >said 2>&1; \
		grep -q 'errors: 0$$' said && ! grep -q 'Search not completed' said \
			|| { cat said; echo "the model breaks its claim: $$claim"; exit 1; }; \
		echo "$$claim: holds in all $$(awk '/states, stored/ { print $$1 }' said) states of the model"; \
	done

check: $(ENV) ## format, lint, types, architecture, settings, policies, templates
	@$(RUN) -m ruff format --check .
	@$(RUN) -m ruff check .
	@$(RUN) -m mypy
	@$(RUN) $(VENV)/bin/lint-imports
	@$(RUN) -m cordon.check
	@$(RUN) -m deploy.check_policies
	$(if $(TEMPLATES),@$(RUN) $(VENV)/bin/cfn-lint $(TEMPLATES))

# Apart from `check`, which takes 10 seconds once mypy knows the code: this one takes half a minute,
# and before that, once, a minute or two for its environment. .ci/run does both.
audit: $(AUDIT) $(ENV) ## looks for what hardens templates and both packages (checkov; own environment)
	@$(RUN) -m deploy package --stage dev
	@$(RUN) -m deploy package --stage prod
	@$(RUN) $(VENV)/bin/cfn-lint build/dev/template.json build/prod/template.json
	@env -u PYTHONPATH .audit/bin/checkov --config-file .ci/checkov.yaml \
		--file $(TEMPLATES) build/dev/template.json build/prod/template.json

browser: $(ENV) ## clicks through an incident in the console, in headless Chromium (Debian: chromium)
	@$(TEST) -m tests.browser

judge: $(JUDGE) $(ENV) ## every recorded request, and every act that must fail, before an IAM engine of others; cards before a parser of others, tables on a server of others (node)
	@$(TEST) -m tests.judge

mutants: $(MUTANTS) $(ENV) ## tries what the tests would notice (PART=core/decision; own environment)
	@$(TEST:$(VENV)/bin/python=.mutants/bin/python) -m tests.mutants $(PART)

sample: $(ENV) ## a few kinds of mutants of core/decision, in seconds
	@$(TEST) -m tests.mutants.sample

roads: $(ROADS) $(ENV) ## both roads to AWS and back, on an AWS that others wrote (own environment)
	@$(TEST) -m roads

sandbox: $(ENV) ## keeps a local AWS and the API up (AWS_PORT=5555 API_PORT=8000 STAGE=dev)
	@$(RUN) -m sandbox

replay: findings-given $(ENV) ## what Cordon would do with FINDINGS=folder, a file or -, and why (FORMAT=json)
	@$(RUN) -m cordon.replay $(if $(FORMAT),--format $(FORMAT)) '$(FINDINGS)'

plan: $(ENV) ## what a change of the policy would change (AGAINST=HEAD, a file, or deployed; FINDINGS=folder; FORMAT=json)
	@$(RUN) -m cordon policy plan $(if $(AGAINST),--against '$(AGAINST)') \
		$(if $(FINDINGS),--findings '$(FINDINGS)') $(if $(filter json,$(FORMAT)),--json)

docs: $(ENV) ## writes docs/reference.md and docs/incident.svg from the code
	@$(RUN) -m cordon.reference

bench: $(BENCH) $(ENV) ## measures every figure of docs/figures.md and README, and writes them (PART=lists: of one part)
	@$(MAKE) --no-print-directory $(FUZZ) || echo 'LEFT OUT: the fuzzer that coverage leads, for want of a wheel of atheris'
	@$(RUN) -m bench $(if $(PART),'$(PART)')

# These four do heed the caller's shell: it says which account and region they go to.
ROAD := $(VENV)/bin/python -m deploy

package: stage-given $(ENV) ## makes template and zip for CloudFormation (STAGE=dev)
	@$(ROAD) package --stage '$(STAGE)'

deploy: stage-given $(ENV) ## brings STAGE=dev to AWS (DRY=1 only shows; more: docs/deploying.md)
	@$(ROAD) deploy --stage '$(STAGE)' $(if $(DRY),--dry-run) \
		$(if $(ARTIFACTS),--artifacts '$(ARTIFACTS)') $(if $(ROLE),--role '$(ROLE)') $(PARAMETERS)

smoke: stage-given $(ENV) ## lets GuardDuty make a sample, and follows it through STAGE=dev
	@$(ROAD) smoke --stage '$(STAGE)'

verify-aws: stage-given $(ENV) ## proves STAGE=dev in your account on two instances of its own (asks first; docs/verify-on-aws.md)
	@$(ROAD) verify --stage '$(STAGE)'

destroy: stage-given $(ENV) ## takes STAGE=dev away, unless an instance is quarantined
	@$(ROAD) destroy --stage '$(STAGE)' $(if $(ROLE),--role '$(ROLE)')

stage-given:
	@: $(if $(STAGE),,$(error usage: make $(MAKECMDGOALS) STAGE=dev, or prod))

findings-given:
	@: $(if $(FINDINGS),,$(error usage: make replay FINDINGS=folder [FORMAT=json]))

# Prints the Python that makes the environment, or what is missing for it.
interpreter:
	@echo $(call able,$(PYTHON))

# With -j2 two are made at the same time.
environments: $(ENV) $(AUDIT) $(ROADS) $(RUNTIME)

# Of the time this takes, three quarters are saved by: the pinned pip first, nothing to resolve (the
# file names every package), and nothing compiled ahead (most modules are never imported).
INSTALL := $(VENV)/bin/python -Im pip install -qq --require-hashes --no-deps --no-compile -r

# An environment is begun anew. Of a link only the link goes: what it leads to is another's.
begin = rm -rf $(1) && $(call able,$(PYTHON)) -Im venv $(1)

# .venv/bin/cordon runs the code of this folder, whatever folder it is called from.
define LAUNCHER
#!/bin/sh
exec '$(CURDIR)/$(VENV)/bin/python' -Ic 'import sys
sys.path.insert(0, sys.argv.pop(1))
from cordon.command import main
sys.exit(main())' '$(CURDIR)' "$$@"
endef
export LAUNCHER

$(ENV): requirements-dev.txt
	@echo 'making the environment (once, about a minute)'
	@$(call begin,$(VENV))
	@sed -n '/^pip==/,/# via/p' $< > $(VENV)/pip.txt
	@$(INSTALL) $(VENV)/pip.txt
	@$(INSTALL) $<
	@printenv LAUNCHER > $(VENV)/bin/cordon
	@chmod +x $(VENV)/bin/cordon
	@touch $@

$(AUDIT): requirements-audit.txt
	@echo 'making the environment of make audit (once, a minute or two, 220 MB)'
	@$(call begin,.audit)
	@.audit/bin/python -Im pip install -qq --require-hashes --no-deps --no-compile -r $<
	@touch $@

# Where there is no wheel for it, what it would have found is left out.
$(FUZZ): requirements-fuzz.txt
	@echo 'making the environment of the fuzzer (once, half a minute, 150 MB)'
	@$(call begin,.fuzz)
	@.fuzz/bin/python -Im pip install -qq --only-binary :all: --require-hashes --no-deps --no-compile -r $< \
		|| { rm -rf .fuzz; exit 1; }
	@touch $@

$(MUTANTS): requirements-mutants.txt
	@echo 'making the environment of make mutants (once, a minute or two)'
	@$(call begin,.mutants)
	@.mutants/bin/python -Im pip install -qq --require-hashes --no-deps --no-compile -r $<
	@touch $@

$(ROADS): requirements-roads.txt
	@echo 'making the environment of make roads (once, half a minute, 110 MB)'
	@$(call begin,.roads)
	@.roads/bin/python -Im pip install -qq --require-hashes --no-deps --no-compile -r $<
	@touch $@

# What is locked is what is installed; without node there is no judge.
$(JUDGE): tests/judge/package-lock.json
	@command -v npm >/dev/null || { echo 'make judge needs node: install nodejs and npm' >&2; exit 1; }
	@npm ci --silent --no-audit --no-fund --prefix tests/judge
	@touch $@

# What Lambda brings, at its oldest: the tests run the package beside it too.
$(RUNTIME): requirements-runtime.txt $(ENV)
	@rm -rf .runtime
	@$(VENV)/bin/python -Im pip install -qq --require-hashes --no-deps --target .runtime -r $<
	@touch $@

# Compiled ahead, unlike the others: a start that compiles would be no fair one.
$(BENCH): requirements-bench.txt
	@echo 'making the environment of what make bench compares with (once, a minute, 70 MB)'
	@$(call begin,.bench)
	@.bench/bin/python -Im pip install -qq --require-hashes --no-deps -r $<
	@touch $@
