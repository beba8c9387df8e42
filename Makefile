# ZetDard. `make` lists what there is. Needs Python 3.11 or newer, git and make; all else goes into .venv.
#
#   make demo PYTHON=python3.12    choose the Python
#   make test ARGS="-k sandbox"    pass words on to pytest, or to the demo
#
# Paths are relative throughout, so that the folder's own path may contain spaces.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo test lint soak bench clean

export PYTHON
RUN := .venv/bin/python -m
WORKERS ?= 2
ARGS ?=

help: ## Say what there is
	@echo 'ZetDard, a music recommender. Targets:'
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: ## Make .venv ready for development
	@tools/environment dev
	@echo 'Ready. Commit hooks, if you want them: .venv/bin/python -m pre_commit install'

demo: ## Run everything on an invented world, without network or account
	@tools/environment base
	@$(RUN) zetdard demo $(ARGS)

lint: ## Check style and types
	@tools/environment test
	@echo 'ruff check'
	@$(RUN) ruff check .
	@echo 'ruff format --check'
	@$(RUN) ruff format --check .
	@echo 'mypy'
	@$(RUN) mypy

test: lint ## Check style and types, then run all tests
	@echo 'pytest'
	@$(RUN) pytest --numprocesses $(WORKERS) --dist loadfile $(ARGS)

soak: ## Kill crawls again and again, twenty times each way, and compare what is left with a crawl in peace
	@tools/environment test
	@ZETDARD_SOAK=20 $(RUN) pytest -q tests/jobs/crawl -k killed $(ARGS)

bench: ## Run every script in benchmarks/
	@tools/environment bench
	@for script in benchmarks/[!_]*.py; do \
		[ -e "$$script" ] || { echo 'There are no benchmarks yet'; break; }; \
		echo "$$script"; .venv/bin/python "$$script" $(ARGS) || exit 1; \
	done

clean: ## Remove .venv, caches and build outputs; your ZetDard data lie elsewhere and stay
	@rm -rf .venv build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .benchmarks .coverage htmlcov
	@find . -path ./.git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo 'Clean'
