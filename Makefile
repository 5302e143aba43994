# Everything a newcomer needs: `make run` and `make test`. Needs Python >= 3.11, make and git, nothing else.
PYTHON ?= python3
PORT ?= 5006
VENV := .venv
BIN := $(VENV)/bin
export PYTHONDONTWRITEBYTECODE =

.PHONY: run demo test lint check bench format docs screenshots browser lock clean help

help:
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

# A stamp per lock file: a second run does not touch the network for packages.
$(VENV)/.runtime: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	touch $@

$(VENV)/.development: requirements-dev.lock $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

run: $(VENV)/.runtime ## serve the dashboard on PORT (live, or simulated where there is no network)
	$(BIN)/kalshi-dashboard serve --port $(PORT)

demo: $(VENV)/.runtime ## serve the dashboard on PORT over the simulated exchange
	$(BIN)/kalshi-dashboard serve --port $(PORT) --source demo

test: $(VENV)/.development browser ## run every test
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: $(VENV)/.development ## format, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

check: lint ## format, lint, types and the fast tests
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup -m "not slow and not ui"

bench: $(VENV)/.development ## measure, as ratios to a baseline in the same run
	$(BIN)/python -m benchmarks

format: $(VENV)/.development ## format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.development ## write the generated parts of the documentation
	$(BIN)/python -m scripts.generate_docs

screenshots: $(VENV)/.development browser ## take the README's pictures from the simulated exchange
	$(BIN)/python scripts/screenshot.py

browser: ## install Chromium for the browser tests, where this machine lets us
	@sh scripts/install_chromium.sh

lock: $(VENV)/.runtime ## resolve the dependencies anew
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
		--no-emit-index-url --no-header --extra signing --group build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
		--no-emit-index-url --no-header --extra signing --group build --group dev -c requirements.lock \
		pyproject.toml -o requirements-dev.lock

clean: ## remove what can be made again (not the data)
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis bench-results
