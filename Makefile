# Kỳ Đài. `make help` says what there is.
# The first that runs and is new enough: a name on the PATH may be a shim with nothing behind it.
PYTHON ?= $(shell for one in python3.12 python3.11 python3.13 python3.14 python3; do \
	$$one -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$one; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
FRONT := assets/vendor/socket.io.min.js
DEBIAN := chromium postgresql redis-server mosquitto nginx-light openssl \
	python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly gstreamer1.0-plugins-bad

.DEFAULT_GOAL := help
.PHONY: help run test lint bench lock screenshots clean debian

help: ## What there is
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: $(VENV)/installed $(FRONT) ## Run everything on this machine, and say where to look
	@exec $(BIN)/python app.py

test: $(VENV)/installed-dev $(FRONT) debian ## Run every test
	$(BIN)/python -m pytest tests -n 3 --dist loadfile

lint: $(VENV)/installed-dev ## Check style, types and the walls between the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/installed-dev $(FRONT) ## Measure, and print a table (QUICK=1: shorter; WRITE=docs/benchmark.md: keep it)
	$(BIN)/python -m tests.bench $(if $(QUICK),--quick) $(if $(WRITE),--write $(WRITE))

screenshots: $(VENV)/installed-dev $(FRONT) ## Take the pictures in docs/screenshots
	$(BIN)/python -m tests.browser.screenshots

lock: $(VENV)/installed-dev ## Pin requirements.txt and requirements-dev.txt anew
	$(BIN)/pip-compile -q --allow-unsafe --no-emit-index-url --no-emit-find-links --strip-extras -o requirements.txt requirements.in
	$(BIN)/pip-compile -q --allow-unsafe --no-emit-index-url --no-emit-find-links --strip-extras -o requirements-dev.txt requirements-dev.in

clean: ## Remove what was installed and fetched; var/ stays
	rm -rf $(VENV) node_modules assets/vendor assets/fonts .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/python:
	@test -n "$(PYTHON)" || { echo "Kỳ Đài needs Python 3.11 or newer, with its venv module (apt-get install python3-venv). Name one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "No venv module: apt-get install python3-venv, then again." >&2; exit 1; }
	@touch $@

$(VENV)/installed: requirements.txt | $(VENV)/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(FRONT): package-lock.json | $(VENV)/installed
	$(BIN)/python -m data.vendor --force
	@touch $@

debian: ## The Debian packages that the tests need
	@sh tests/debian.sh $(DEBIAN)
