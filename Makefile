# Rind: only Python >= 3.11, make and git are assumed. Every target makes the environment that it needs.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONPATH :=
export MLFLOW_DISABLE_TELEMETRY := true

.PHONY: demo serve lab screenshots test check docs bench bench-models lock clean help

help: ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

demo: $(VENV)/core.done ## the demo company, end to end: environment, data, models, list
	@dvc repro -q
	@python -m rind.pipelines.summary data

serve: demo ## the demo company's results as pages and API, on this machine only, without a login (and it says so)
	@python -m rind.pipelines.cli serve --dir data --demo

lab: $(VENV)/dev.done ## the notebooks, in JupyterLab (`make demo` before, or RIND_DIR=results)
	@$(BIN)/jupyter lab notebooks

screenshots: $(VENV)/dev.done ## pictures of each page into docs/img (wants chromium, and `make demo` before)
	@$(BIN)/python -m rind.pipelines.cli.screenshots --dir data --out docs/img

test: $(VENV)/dev.done ## all tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: $(VENV)/dev.done ## style, types, layers
	@ruff check . && ruff format --check . && mypy && lint-imports

docs: $(VENV)/docs.done ## the documentation as a site with search, in out/site; it needs no network and no server
	@$(BIN)/python -m sphinx -q -W --keep-going -E -c docs/website -d out/doctrees . out/site && echo "open out/site/index.html"

bench: $(VENV)/dev.done $(VENV)/spark.done $(VENV)/docs.done ## the benchmarks, whose figures it writes into docs/measurements.md (Spark beside DuckDB is one: 434 MB more); and the slowest tests
	@failed=0; python -m benchmarks.measure || failed=1; python -m pytest -n 2 --dist loadfile -m bench || failed=1; exit $$failed

bench-models: $(VENV)/dev.done ## Rind beside naive rules, LightGBM, CatBoost, FLAML and Featuretools on companies whose truth is known, and on the real ones
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e .[bench]
	@test -d $(VENV)/featuretools || { $(PYTHON) -m venv $(VENV)/featuretools && $(VENV)/featuretools/bin/python -m pip install -q \
	    --disable-pip-version-check featuretools "pandas<3" pyarrow "setuptools<81"; }
	@python -m benchmarks.companies && python -m benchmarks.intervals && python -m benchmarks.rules_changed && python -m benchmarks.real

lock: ## raise the locked versions (needs the network)
	@rm -rf $(VENV)/lock && $(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install -q --require-hashes -r requirements/uv.lock
	@for extra in core dev docs spark; do $(VENV)/lock/bin/uv pip compile -q --universal --upgrade --generate-hashes --no-header --no-annotate \
	    --python-version 3.11 pyproject.toml --extra build $$(case $$extra in dev) echo --extra dev --extra notebooks;; docs) echo --extra docs;; spark) echo --extra spark -c requirements/core.lock;; esac) -o requirements/$$extra.lock; done

clean: ## remove the environment and all results
	@rm -rf $(VENV) mlruns && find data -mindepth 1 ! -name .gitignore -delete

# The environment: uv from its own lock, then everything from the lock; pip does the same where uv cannot reach an index.
$(VENV)/pip.done: requirements/uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	    || { echo "Rind needs Python 3.11 to 3.13; name one with: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/uv.lock
	@touch $@

define install
	@echo "installing $(1) ..."
	@$(BIN)/uv pip install -q --system-certs --compile-bytecode --python $(BIN)/python --require-hashes -r $(1) \
	    || $(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r $(1)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
endef

$(VENV)/core.done: requirements/core.lock pyproject.toml $(VENV)/pip.done
	$(call install,requirements/core.lock)

$(VENV)/dev.done: requirements/dev.lock pyproject.toml $(VENV)/pip.done
	$(call install,requirements/dev.lock)
	@touch $(VENV)/core.done

$(VENV)/docs.done: requirements/docs.lock $(VENV)/core.done
	$(call install,requirements/docs.lock)

$(VENV)/spark.done: requirements/spark.lock $(VENV)/dev.done
	$(call install,requirements/spark.lock)
