# Everything is done by Python; make only gives it short names. `make help` prints the lines below.
PYTHON ?= python3
RUN := .stack/env/bin/python
.DEFAULT_GOAL := help
.PHONY: help setup train-setup train-test demo up down test lint types format bench soak drill accuracy lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install everything into .stack (needs only Python 3.11+; instant when repeated)
	@$(PYTHON) -m deploy.setup

train-setup: ## setup, and PyTorch for `platestream train` (several gigabytes)
	@$(PYTHON) -m deploy.setup train

train-test: train-setup ## the tests of training, in miniature, in the environment that has PyTorch
	@.stack/train-env/bin/python -m pytest --noconftest tests/triton_models

demo: setup ## the whole system on drawn street cameras; VIDEO=file, folder or rtsp://… for your own, SPEED=max
	@$(RUN) -m deploy.demo

up: setup ## the same processes without the demo's cameras
	@$(RUN) -m deploy.cli.main up

down: ## end what `make up` started
	@if [ -x $(RUN) ]; then $(RUN) -m deploy.cli.main down; fi

test: setup ## all tests, against real Kafka, Triton and PostgreSQL; TESTS=path for some
	@$(RUN) -m pytest $(TESTS)

lint: setup ## style, and the form of all files
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .

types: setup ## mypy --strict over everything
	@$(RUN) -m mypy

format: setup ## bring all files into form
	@$(RUN) -m ruff check --fix --quiet .
	@$(RUN) -m ruff format .

bench: setup ## speed of each area into build/bench.json; ONLY=area for one
	@$(RUN) -m deploy.bench $(if $(ONLY),--only $(ONLY))

soak: setup ## 24 RTSP cameras with faults for MINUTES (30): every frame must be told of (build/soak.json)
	@$(RUN) -m deploy.soak $(if $(MINUTES),--minutes $(MINUTES))

drill: setup ## kill every process once in a running demo: nothing may be lost (build/drill.json); RUNS=100 SEED=1 JOBS=2
	@$(RUN) -m deploy.drill

accuracy: setup ## how well the shipped models read (build/accuracy.json); PICTURES=folder of labelled pictures, PEERS=folder
	@$(RUN) -m deploy.cli.main evaluate $(if $(PICTURES),--pictures $(PICTURES)) $(if $(SPLIT),--split $(SPLIT)) $(if $(LIMIT),--limit $(LIMIT)) $(if $(PEERS),--peers $(PEERS))

lock: setup ## resolve all packages anew and write the lock files
	@$(RUN) -m deploy.setup.lock

clean: ## end a running stack; remove what runs and what was reported, keep what setup installed
	@if [ -x $(RUN) ]; then $(RUN) -m deploy.cli.main down; fi
	rm -rf .state build
