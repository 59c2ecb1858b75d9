# The commands of a working day. Needs Python 3.11 to 3.14 and nothing else; set PYTHON to choose one.
PYTHON ?= python3
BIN := .venv/bin

# What walks many nights, or starts servers, browsers, clusters or other processes, is not in test-quick.
SLOW := analytics apart attendance bad_input before changes cluster coming_together command_line compare \
	control_findings day_command distribution doctor drift encryption engine escapes evidence export extremes \
	faults faults_killed fhir first_words forced_orders forget fuzzing gzip hand_over health histories history \
	holding hostile_files hostile_input hours identifiers in_parts init judge_properties kept letter logs moves night notebook \
	older order plugins poisoned_nights portable privacy programme programme_faults programme_lake programme_sending progress \
	publishing python questions questions_of_days \
	questions_of_verdicts reader replacing replay report report_earlier report_list report_pages serve set_aside \
	shards share shown site starts status stays_known step_up strays tracks true_day tutorial unknown unpacked \
	unread_files untold upgrades whole_account whole_archive why withings words worklist wrong_input zip_password
QUICK := $(filter-out $(SLOW:%=tests/test_%.py),$(wildcard tests/test_*.py))
# Of the slow ones, those of what other packages do for us: the engine, the store, PDF, FHIR, the lake, charts.
OTHERS := before cluster distribution doctor encryption engine fhir hand_over letter notebook programme programme_lake publishing \
	serve upgrades

.PHONY: night programme notebook test test-any-order test-quick test-lowest test-newest check bench dist bundle lock sbom \
	validation docs sample clean

night: .venv/ready          ## the main job, on the sample study
	$(BIN)/python -m stepwindow nightly --study sample_data/study

programme: .venv/ready      ## three sites as one programme: made from the sample's generator, then run
	$(BIN)/python -m tests.writers.programme sample_data/programme
	$(BIN)/python -m stepwindow programme run --programme sample_data/programme

# It lies in the warehouse, for its owner alone: marimo keeps what every cell showed beside the notebook.
WAREHOUSE ?= sample_data/study/warehouse sample_data/programme
notebook: .venv/ready       ## a notebook of your own to start from, on what is published in WAREHOUSE
	umask 077 && mkdir -p "$(WAREHOUSE)/notebook" && chmod 700 "$(WAREHOUSE)/notebook" \
		&& (test -e "$(WAREHOUSE)/notebook/start.py" || cp docs/start.py "$(WAREHOUSE)/notebook/start.py") \
		&& STEPWINDOW_DATABASE="$$(cd "$(WAREHOUSE)" && pwd)/analytics.duckdb" \
		$(BIN)/python -m marimo edit "$(WAREHOUSE)/notebook/start.py"

test: .venv/ready           ## all tests
	$(BIN)/python -m pytest

SEED ?= $(shell date +%s)
test-any-order: .venv/ready ## all tests in an order of chance, which SEED gives again: none may need another before it
	$(BIN)/python -m pytest --shuffled $(SEED)

test-quick: .venv/ready     ## a minute or two, while working: readers, goldens, control files, the judge, the sample study
	$(BIN)/python -m pytest $(QUICK)

# Both ends of the ranges in pyproject.toml: the lowest of each package that it names, and of all the newest there is today.
# What tests them is as new as it may be with those. PYTHON=python3.11: the lowest may have no wheels for a newer one.
RESOLUTION_lowest := lowest-direct
RESOLUTION_newest := highest

test-lowest test-newest: test-%: .venv/ready    ## a night of the sample and the tests of other packages, at an end of the ranges
	$(PYTHON) -m venv .venv-$*
	$(BIN)/uv pip compile --quiet --python .venv-$*/bin/python --resolution $(RESOLUTION_$*) --upgrade --all-extras \
		--output-file .venv-$*/asked-for.txt pyproject.toml
	$(BIN)/uv pip install --quiet --python .venv-$*/bin/python --upgrade --group dev --constraints .venv-$*/asked-for.txt \
		--editable '.[all]'
	rm -rf .venv-$*/study && .venv-$*/bin/python -m stepwindow demo .venv-$*/study
	.venv-$*/bin/python -m stepwindow nightly --study .venv-$*/study
	.venv-$*/bin/python -m pytest $(QUICK) $(OTHERS:%=tests/test_%.py)

check: .venv/ready          ## format, lint, types as each of three systems has them
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	for system in linux win32 darwin; do $(BIN)/python -m mypy --platform $$system --cache-dir .mypy_cache/$$system || exit 1; done

# NAMES="fit startup": only these; KEEP=--write: the figures become those of benchmarks/figures.toml and docs/costs.md.
bench: .venv/ready .venv-garmindb/ready   ## what it costs, beside peers and floors; names what fell
	$(BIN)/python -m benchmarks --check $(KEEP) $(NAMES)

dist: .venv/ready           ## a wheel and an sdist: the same bytes whoever makes them
	$(BIN)/python -m hatchling build

# FOR="--for windows --python 3.12 --extras letter": another system than this one, or less than all extras.
bundle: .venv/ready         ## wheels and checksums for a machine without network (docs/installing.md)
	$(BIN)/python -m tests.bundle dist/bundle $(FOR)

# Of what a package manager says errors alone are shown: what it warns of is the machine's, and nothing to be done here.
INSTALL := -m pip install -qq --disable-pip-version-check --no-deps
define new_environment
	@command -v $(firstword $(PYTHON)) >/dev/null || { echo "needed: Python 3.11 or later; there is no $(PYTHON)." \
		"Install one, or name it: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) .ci/python.py "$(PYTHON)"
	@echo "setting up $(@D), once; it takes some minutes"
	@$(PYTHON) -m venv $(@D)
endef

# By the way to it from there: in the locale C, the Python of Debian 12 does not start where a path that lies in its packages
# has an umlaut.
.venv/ready: requirements.lock pyproject.toml
	$(new_environment)
	@$(BIN)/python $(INSTALL) --require-hashes -r requirements.lock
	@$(BIN)/python $(INSTALL) --no-build-isolation --editable .
	@cd $(@D)/lib/python*/site-packages && printf '../../../..\n' > _editable_impl_stepwindow.pth
	@touch $@

# DuckDB's extensions are packages for 1.5.5 alone: what needs one (encryption) is tested in an environment with that DuckDB
# before everything else of the product's own.
.venv-extensions/ready: tests/extensions.lock .venv/ready
	$(new_environment)
	@$(@D)/bin/python $(INSTALL) --require-hashes -r tests/extensions.lock
	@cd $(@D)/lib/python*/site-packages && ls -d ../../../../.venv/lib/python*/site-packages > product.pth
	@touch $@

# The oldest DuckDB that the README promises: that it opens the published file is tested.
.venv-oldest/ready: tests/oldest.lock
	$(new_environment)
	@$(@D)/bin/python $(INSTALL) --require-hashes -r tests/oldest.lock
	@touch $@

# What an analyst has who was handed files, and the product has not (tests/test_starts.py).
.venv-analyst/ready: tests/analyst.lock
	$(new_environment)
	@$(@D)/bin/python $(INSTALL) --no-compile --require-hashes -r tests/analyst.lock
	@touch $@

# The program that an import is held against (benchmarks/garmindb.py).
.venv-garmindb/ready: benchmarks/garmindb.lock
	$(new_environment)
	@$(@D)/bin/python $(INSTALL) --require-hashes -r benchmarks/garmindb.lock
	@touch $@

lock: .venv/ready           ## resolve the dependencies anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade \
		--group dev --all-extras --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" --output-file tests/extensions.lock tests/extensions.in
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" --output-file tests/oldest.lock tests/oldest.in
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade \
		--constraints requirements.lock \
		--custom-compile-command "make lock" --output-file tests/analyst.lock tests/analyst.in
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" --output-file benchmarks/garmindb.lock benchmarks/garmindb.in

sbom: .venv/ready           ## a bill of materials of the lock (CycloneDX), into dist/
	$(BIN)/python -m tests.components sbom dist

validation: .venv/ready     ## run the tests that prove the rules; docs/validation.md with what came of them here
	$(BIN)/python -m tests.validation run

docs: .venv/ready           ## the documents as a site, with pictures of the sample study: build/site/index.html
	$(BIN)/python -m tests.site

sample: .venv/ready         ## write the sample study again
	rm -rf sample_data/study
	$(BIN)/python -m tests.writers.study sample_data/study

clean:
	rm -rf dist .venv .venv-* sample_data/study/warehouse sample_data/programme
