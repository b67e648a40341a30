# Two commands matter: `make run` starts the demo, `make test` proves the checkout.
# Both set up whatever is missing; the only needs are Python 3.11 with venv, git and make.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help run test test-all isolation check format lint types layers licences locks locales migrations dashboard lock clean

help: ## Say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: ## Set up and start the demo: servers, simulators, API, worker, dashboard
	@$(PYTHON) bootstrap.py run
	@exec $(BIN)/palabre demo

test: ## Set up, check everything, run all tests
	@$(PYTHON) bootstrap.py test
	@$(BIN)/python -m tools.suite check tests

test-all: ## The same, and all tests again on the system's PostgreSQL and Redis
	@$(PYTHON) bootstrap.py test
	@$(BIN)/python -m tools.suite check tests tests-system

isolation: ## Attack every table from every scope; ISOLATION_SEED=n repeats a run
	@$(PYTHON) bootstrap.py test
	@$(BIN)/python -m tools.isolation

check: ## Everything that judges the code without running it; each part is a target too
	@$(PYTHON) bootstrap.py check
	@$(BIN)/python -m tools.suite check

format lint types layers licences locks locales migrations dashboard:
	@$(PYTHON) bootstrap.py check
	@$(BIN)/python -m tools.suite $@

lock: ## Write requirements/*.lock anew; UPGRADE=1 takes newer releases
	@$(PYTHON) bootstrap.py check
	@$(BIN)/python -m tools.lock $(if $(UPGRADE),--upgrade)

clean: ## Remove everything the other commands made, the demo's data too
	@$(PYTHON) -m tools.clean
