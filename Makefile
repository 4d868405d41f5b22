# Everything is done by Python; make only gives it short names. `make help` prints the lines below.
PYTHON ?= python3
ENV := .stack/env/bin
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install everything into .stack (needs only Python 3.11+; instant when repeated)
	@$(PYTHON) -m deploy.setup

.PHONY: help setup
