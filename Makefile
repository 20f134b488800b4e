# Each target makes the virtual environment by itself, and leaves it alone while pyproject.toml stays
# as it is. Another Python: make test PYTHON=python3.13 VENV=.venv/for-3.13

VENV ?= .venv
# The first of these that is new enough.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python3.14 python3.15; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& { echo "$$name"; break; }; done)

BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# What is published; the other tools stand in the groups of pyproject.toml.
EXTRAS := cli,emulator,telemetry,testing
# pytest's own arguments: make test ARGS='-k cancel'
ARGS ?=
# So many processes share the tests. With 0 there is one, and a debugger can be used: make test JOBS=0
JOBS ?= 2
# make test COVERAGE=1 measures the branches of src and fails below the floor in pyproject.toml; it
# takes about twice the time.
COVERAGE ?=
# make soak MINUTES=10
MINUTES ?= 10
# make audit AUDIT=--required
AUDIT ?=
# make check tells what the schemas have changed for callers since this commit. For a branch of several
# commits name where it began: make check SINCE=main
SINCE ?= HEAD^
# The parts of make bench; all of them where it is empty.
BENCH ?=
# Loopback is all that the tests may reach.
OFFLINE := --block-network --allowed-hosts='127\.0\.0\.1,::1,localhost'
# A module's tests stay together, so that its fixtures are made once.
PYTEST := pytest -q $(OFFLINE) -n $(JOBS) --dist loadfile
FROM_NO_ENVIRONMENT := env $(foreach vendor,ASSURESIGN SIGNIX CONSTELLATION1,-u ESIGNWIRE_$(vendor)_URL)

.DEFAULT_GOAL := help
.PHONY: help demo test explore lowest next check codegen docs format hooks record live bench soak faults audit build clean
.DELETE_ON_ERROR:

help: ## what there is to make
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

demo: $(STAMP) ## every flow through the clients, against the emulator on loopback
	@$(BIN)/esignwire demo

test: $(STAMP) ## all tests, with the network blocked
ifneq ($(COVERAGE),)
	@$(BIN)/coverage erase
	$(BIN)/coverage run -m $(PYTEST)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --skip-covered --skip-empty
else
	$(BIN)/$(PYTEST) $(ARGS)
endif

explore: $(STAMP) ## the property tests on many new examples, with the network blocked (slow)
	HYPOTHESIS_PROFILE=explore $(BIN)/$(PYTEST) -m hypothesis $(ARGS)

# In an environment of its own: what is published and the tools of the tests, nothing else.
lowest: $(VENV)/lowest/.installed ## the tests on the lowest versions that pyproject.toml allows
	$(VENV)/lowest/bin/$(PYTEST) -m 'not one_python' $(ARGS)

next: $(VENV)/next/.installed ## the transport's tests with httpx2 in place of httpx
	$(VENV)/next/bin/python -m $(PYTEST) -p tests.support.httpx2 tests/http $(ARGS)

check: $(STAMP) ## layout, lint, types (of the documents too), generated/, and whether the changelog names what breaks callers
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/python codegen.py --check
	$(BIN)/python codegen.py --changes '$(SINCE)' || [ $$? -eq 3 ]
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/python tests/typing/verify.py
	$(BIN)/python tests/typing/pages.py

codegen: $(STAMP) ## compile schemas/ and the async clients into generated/, and write docs/coverage.md
	@$(BIN)/python codegen.py
	@$(BIN)/python -m docs.website.coverage

# zensical has an environment of its own; it reads the sources and imports none of them.
docs: $(VENV)/docs/.installed ## build the documentation site, and fail on any warning
	@$(VENV)/docs/bin/python docs/website/build.py

format: $(STAMP) ## lay the sources out and mend what the linter can
	$(BIN)/ruff check --quiet --fix-only .
	$(BIN)/ruff format --quiet .

hooks: $(STAMP) ## let git run the hooks of .pre-commit-config.yaml before each commit
	@$(BIN)/pre-commit install

# The cassettes come from the emulator, whatever accounts the environment holds.
record: $(STAMP) ## record the cassettes of the flows and of each operation anew, from the emulator
	rm -rf tests/flows/cassettes tests/operations/cassettes
	$(FROM_NO_ENVIRONMENT) $(BIN)/pytest -q tests/flows tests/operations --record-mode=rewrite $(ARGS)

live: $(STAMP) ## the flows against the test environments that ESIGNWIRE_* name, without cassettes
	$(BIN)/pytest -q tests/flows --disable-recording $(ARGS)

# The peers live in an environment of their own, where they cannot disturb the tests. Parts:
# make bench BENCH="encode call"; as JSON, or rough and quick: make bench ARGS=--json, ARGS=--quick
bench: $(VENV)/bench/.installed ## measure ours beside the peers (five minutes)
	@$(VENV)/bench/bin/python -m benchmarks $(BENCH) $(ARGS)

soak: $(STAMP) ## load for MINUTES against the emulator, with faults, into docs/performance.md
	@$(BIN)/python -m benchmarks.soak --minutes $(MINUTES) --write docs/performance.md

faults: $(STAMP) ## a fault at each byte of a call to each vendor, into docs/errors.md (three minutes)
	FAULTS_PAGE=docs/errors.md $(BIN)/pytest -q $(OFFLINE) tests/http/test_faults.py

# Where no service of advisories answers, it says so and passes; AUDIT=--required makes that a failure.
audit: $(STAMP) $(VENV)/release/.installed ## look every installed package up among known vulnerabilities
	@$(VENV)/release/bin/python tools/audit.py "$$($(BIN)/python -c \
		'import sysconfig; print(sysconfig.get_path("purelib"))')" $(AUDIT)

# The bill lists the versions that a user gets today. The wheel is built from the source archive.
build: $(VENV)/release/.installed ## the wheel, the source archive and a bill of materials, in dist/
	rm -rf dist $(VENV)/shipped
	$(VENV)/release/bin/python -m build --no-isolation --outdir dist
	@$(BIN)/python -m venv --without-pip $(VENV)/shipped
	@$(BIN)/python -m pip --python $(VENV)/shipped/bin/python install --quiet \
		--disable-pip-version-check "$$(ls dist/*.whl)[$(EXTRAS)]"
	@# cyclonedx-py finds no version that stands elsewhere.
	@mkdir -p build && sed "s/^dynamic = .*/version = \"$$(ls dist/*.tar.gz | sed 's/.*-//; s/\.tar\.gz//')\"/" \
		pyproject.toml > build/pyproject.toml
	$(VENV)/release/bin/cyclonedx-py environment --pyproject build/pyproject.toml \
		--mc-type library --output-reproducible \
		--output-file "$$(ls dist/*.tar.gz | sed s/tar.gz/cdx.json/)" $(VENV)/shipped/bin/python

clean: ## remove the virtual environment and everything that was built
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
	find src generated generator tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): pyproject.toml
	@if [ -z "$(PYTHON)" ]; then \
		echo 'No Python 3.11 or newer was found. Install one, or name it: make PYTHON=/path/to/python3' >&2; \
		exit 1; \
	fi
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo '$(PYTHON) cannot be run or is older than Python 3.11.' >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
		echo '$(PYTHON) comes without venv; on Debian and Ubuntu it is in the package python3-venv.' >&2; \
		exit 1; }
	@echo "Making $(VENV) with $$("$(PYTHON)" --version) ..."
	@"$(PYTHON)" -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--editable '.[$(EXTRAS)]' --group dev
	@touch $@

$(VENV)/bench/.installed: $(STAMP) pyproject.toml
	@echo "Making $(VENV)/bench ..."
	@$(BIN)/python -m venv --without-pip $(VENV)/bench
	@$(BIN)/python -m pip --python $(VENV)/bench/bin/python install --quiet \
		--disable-pip-version-check --editable . --group bench
	@touch $@

$(VENV)/next/.installed: $(STAMP) pyproject.toml
	@echo "Making $(VENV)/next ..."
	@$(BIN)/python -m venv --without-pip $(VENV)/next
	@$(BIN)/python -m pip --python $(VENV)/next/bin/python install --quiet \
		--disable-pip-version-check --editable '.[$(EXTRAS)]' --group next
	@touch $@

$(VENV)/release/.installed: $(STAMP) pyproject.toml
	@echo "Making $(VENV)/release ..."
	@$(BIN)/python -m venv --without-pip $(VENV)/release
	@$(BIN)/python -m pip --python $(VENV)/release/bin/python install --quiet \
		--disable-pip-version-check --group release
	@touch $@

$(VENV)/docs/.installed: $(STAMP) pyproject.toml
	@echo "Making $(VENV)/docs ..."
	@$(BIN)/python -m venv --without-pip $(VENV)/docs
	@$(BIN)/python -m pip --python $(VENV)/docs/bin/python install --quiet \
		--disable-pip-version-check --group docs
	@touch $@

# uv chooses the lowest versions; pip cannot. It trusts the certificates of the system, as pip does.
$(VENV)/lowest/.installed: $(STAMP) pyproject.toml
	@echo "Making $(VENV)/lowest ..."
	@$(BIN)/python -m venv --without-pip --clear $(VENV)/lowest
	@UV_SYSTEM_CERTS=1 $(BIN)/uv pip install --quiet --python $(VENV)/lowest/bin/python \
		--resolution lowest-direct --editable '.[$(EXTRAS)]' --group test
	@touch $@
