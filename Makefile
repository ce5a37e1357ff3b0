# Every target does its own set-up: Python 3.10 or later, make and a package registry are enough.

# A shim may be there for a version that is not, so each candidate has to run.
PYTHON ?= $(or $(shell for each in python3.11 python3; do \
	$$each -c '' 2>/dev/null && echo $$each && break; done),python3)
UV_VERSION := 0.13.9
TOOLS := .cache/tools
UV := $(TOOLS)/bin/uv
BIN := .venv/bin
# uv makes the environment anew when the interpreter is named otherwise than before, as a shim is.
# One that is there keeps its interpreter; `make clean` first for another one.
SYNC = $(UV) sync --quiet --locked --python $(or $(wildcard $(BIN)/python),$(PYTHON))

export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1
export MELTANO_SEND_ANONYMOUS_USAGE_STATS := false

.PHONY: demo test scale-demo scale-test kill-test backfill-test files-demo lint format generate bench bench-pipeline bench-short bench-shards docs clean

demo: .venv/.demo ## All four taps against the sandbox into one DuckDB file
	@exec $(BIN)/python -m demo

test: .venv/.dev lint ## Everything that is checked
	$(BIN)/python -m pytest -n auto --dist loadgroup
	@$(MAKE) --no-print-directory bench-short

scale-demo: .venv/.dev ## Backfills on Airflow over two workers, one of which is lost
	@UV=$(abspath $(UV)) exec $(BIN)/python -m tests.orchestrate.demo

scale-test: .venv/.dev ## A backfill on Airflow with a shard that fails, and what is refused
	@UV=$(abspath $(UV)) $(BIN)/python -m pytest -m airflow tests/orchestrate

files-demo: .venv/.dev ## Files of 1 000 jobs into a folder and into S3, twice, with their requests
	$(BIN)/python -m tests.tap_flow.files_demo

# The eight tests wait half of their time.
backfill-test: .venv/.dev ## Backfills with random data, shards, orders, kills and settings: 100 examples of each test and tap
	BACKFILL_EXAMPLES=100 $(BIN)/python -m pytest -n 8 -k "one_long_run or not_lost" tests/behaviours/test_backfill.py --hypothesis-show-statistics

kill-test: .venv/.dev ## Twenty runs killed in the middle of files, into a folder and into S3
	$(BIN)/python -m pytest -m kills tests/tap_flow/readers

lint: .venv/.dev ## Style, types, lock file
	$(UV) lock --check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .

format: .venv/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

generate: .venv/.dev ## Tables of the docs, meltano.yml and golden files, from the taps
	$(BIN)/python -m docs.samples
	$(BIN)/python -m docs.generate
	UPDATE_GOLDEN=1 $(BIN)/python -m pytest -q tests/behaviours/test_golden.py

docs: .venv/.docs ## The documentation site, into site/
	@UV=$(abspath $(UV)) $(BIN)/python -m docs.site
	@echo "Open site/index.html"

bench: .venv/.dev ## The whole comparison with peers; takes a while
	UV=$(abspath $(UV)) $(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.report

bench-pipeline: .venv/.dev ## From vendor to warehouse, beside other loaders and dlt; takes minutes
	UV=$(abspath $(UV)) $(BIN)/python -m benchmarks.pipeline --anew
	$(BIN)/python -m benchmarks.pipeline.report

bench-short: .venv/.dev ## Gross regressions of speed, by CPU seconds beside a plain SDK tap
	@UV=$(abspath $(UV)) $(BIN)/python -m benchmarks.short

bench-shards: .venv/.dev ## What more workers bring to a backfill, and what a shard costs
	@UV=$(abspath $(UV)) PYTHONPATH=orchestrate $(BIN)/python -m benchmarks.shards --costs

clean:
	rm -rf .venv .cache .demo .meltano site dist

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.10 or later is needed; set PYTHON=...") if sys.version_info < (3, 10) else None'
	@echo "Setting up (once) ..."
	@$(PYTHON) -m venv $(TOOLS)
	@$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/.demo: $(UV) pyproject.toml uv.lock
	@$(SYNC) --no-default-groups --group demo --inexact
	@touch $@

.venv/.docs: $(UV) pyproject.toml uv.lock
	@$(SYNC) --no-default-groups --group docs --inexact
	@touch $@

.venv/.dev: $(UV) pyproject.toml uv.lock
	@$(SYNC) --group dev
	@touch $@ .venv/.demo .venv/.docs
