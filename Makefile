# The commands of a working day. Needs Python 3.11 to 3.13 and nothing else; set PYTHON to choose one.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: night test check lock sample clean

night: .venv/ready          ## the main job, on the sample study
	$(BIN)/stepwindow nightly --study sample_data/study

test: .venv/ready           ## all tests
	$(BIN)/pytest

check: .venv/ready          ## format, lint, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch .venv/ready

lock: .venv/ready           ## resolve the dependencies anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade \
		--group dev --extra dask --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

sample: .venv/ready         ## write the sample study again
	rm -rf sample_data/study
	$(BIN)/python -m tests.writers.study sample_data/study

clean:
	rm -rf .venv sample_data/study/warehouse
